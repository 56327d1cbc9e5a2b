"""What Prometheus reads: how requests went, and what waits in the store."""

import time
from collections.abc import Iterator
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_store import outbox_status, status
from crm_store.clock import now_ms
from crm_store.database.session import connected
from gateway.smtp import figures

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger()


def route_of(scope: Scope) -> str:
    """The route's template, or "none": a label must not grow with what people type into the address line."""
    return getattr(scope.get("route"), "path", "none")


class WebMetrics:
    """Its own registry: an application that is made twice in one process does not count into the other's."""

    def __init__(self, intake_folder: Path) -> None:
        """intake_folder: of receivers on this machine."""
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "sunnyday_http_requests", "HTTP requests answered", (*labels, "status"), registry=self.registry
        )
        self.durations = Histogram(
            "sunnyday_http_request_duration_seconds", "From request to end of answer", labels, registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(StoreCollector())
        self.registry.register(ReceiverCollector(intake_folder))


class StoreCollector(Collector):
    """Asks at each scrape; gives nothing while the database does not answer."""

    def collect(self) -> Iterator[Metric]:
        try:
            with connected():
                store = status.of_store(now_ms=now_ms())
                outbox = outbox_status.status(now_ms=now_ms())
        except Exception as error:  # noqa: BLE001  # a scrape must tell the rest, whatever is wrong with the database
            log.warning("store_not_measured", error=type(error).__qualname__)
            return
        yield GaugeMetricFamily("sunnyday_captures_waiting", "Captures that a worker is to take", store.waiting)
        yield GaugeMetricFamily("sunnyday_captures_failed", "Of these, that went wrong at least once", store.failed)
        yield GaugeMetricFamily(
            "sunnyday_oldest_waiting_seconds", "How long the first of them waits", store.oldest_waiting_ms / 1000
        )
        depth = GaugeMetricFamily("sunnyday_outbox_deliveries", "Mail that is to leave", labels=["state"])
        for state, count in outbox.by_state.items():
            depth.add_metric([state], count)
        yield depth
        yield GaugeMetricFamily(
            "sunnyday_outbox_oldest_due_seconds", "How long the first of it has been due", outbox.oldest_due_ms / 1000
        )

    def describe(self) -> list[Metric]:
        """Nothing, so that registering asks no database."""
        return []


class ReceiverCollector(Collector):
    """What the receivers last told of themselves, a second ago at most; each counts from its own start."""

    def __init__(self, intake_folder: Path) -> None:
        self._intake_folder = intake_folder

    def collect(self) -> Iterator[Metric]:
        connections = GaugeMetricFamily("sunnyday_smtp_connections", "Connections that stand", labels=["receiver"])
        reached = CounterMetricFamily(
            "sunnyday_smtp_limits_reached", "Times that a client met a limit", labels=["receiver", "limit"]
        )
        try:
            told = figures.told(self._intake_folder)
        except (OSError, ValueError) as error:
            log.warning("receivers_not_measured", error=type(error).__qualname__)
            return
        for receiver, figure in told.items():
            connections.add_metric([receiver], figure.connections)
            for limit, times in figure.limits_reached.items():
                reached.add_metric([receiver, limit], times)
        yield connections
        yield reached

    def describe(self) -> list[Metric]:
        """Nothing, so that registering reads no file."""
        return []


class Measured:
    """Counts every answer and how long it took."""

    def __init__(self, app: ASGIApp, metrics: WebMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status_code = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status_code
            status_code = message.get("status", status_code)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = route_of(scope)
            self._metrics.requests.labels(method, route, str(status_code)).inc()
            self._metrics.durations.labels(method, route).observe(time.perf_counter() - began_s)
