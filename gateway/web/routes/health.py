"""For those who watch over it: /healthz, /readyz and /metrics; without a token, and with nothing that is secret."""

import json
from collections.abc import Callable

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from crm_store import bcc_addresses
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.process.tree import TreeState, not_up
from gateway.web.metrics import WebMetrics

ReadTree = Callable[[], TreeState | None]

log = structlog.get_logger()


def router(read_tree: ReadTree, metrics: WebMetrics) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        """This process is alive: asks nobody, so that a database that is down does not have us restarted."""
        return PlainTextResponse("ok")

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> Response:
        """Every part of this process tree is up, and the database answers."""
        down = [*_tree_problems(read_tree()), *_database_problems()]
        return Response(
            json.dumps({"ready": not down, "not_up": down}), 503 if down else 200, media_type="application/json"
        )

    @routes.get("/metrics")
    def scrape() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def _tree_problems(tree: TreeState | None) -> list[str]:
    return ["process tree: its state is not known"] if tree is None else not_up(tree, now_ms())


def _database_problems() -> list[str]:
    try:
        with connected():
            bcc_addresses.version()  # one row that every migrated database has
    except Exception as error:  # noqa: BLE001  # a schema that is not there yet is not ready either
        log.warning("database_not_ready", error=type(error).__qualname__)
        return ["database: it does not answer, or is not migrated"]
    return []
