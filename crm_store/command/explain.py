"""sunnyday explain: what was done with a message, and by which rule (F2)."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show, shown_time

if TYPE_CHECKING:
    from crm_store.decisions import DecisionView
    from crm_store.paging import Page, PageRequest


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    context: typer.Context,
    message: Annotated[
        str, typer.Argument(metavar="MESSAGE-ID-OR-GMAIL-ID", help="A Message-ID with or without angle brackets.")
    ],
    as_json: Json = False,
) -> None:
    """Tell what was done with a message: one line for each of its copies and each location."""
    from crm_store import decisions
    from crm_store.command.database import up_to_date
    from crm_store.errors import NotFound

    with up_to_date(invocation_of(context).settings):
        found = [*_all(decisions.explain_everywhere, message), *_all(decisions.explain_gmail_everywhere, message)]
    if not found:
        raise NotFound(f"nothing is known of {message}: it has not come in, or its first copy is still being filed")
    told = [_told(decision) for decision in found]
    text = "\n".join(
        f"{one['at']}  {one['path']:<5}  {one['place']}  {one['outcome']}  {one['rule']}  {one['reason']}"
        for one in told
    )
    result = {"message": message, "decisions": [{k: v for k, v in one.items() if k != "place"} for one in told]}
    show(result, text, as_json=as_json)


def _all(ask: "Callable[[str, PageRequest], Page[DecisionView]]", message: str) -> "Iterator[DecisionView]":
    from crm_store.paging import MAX_LIMIT, PageRequest

    after = None
    while True:
        page = ask(message, PageRequest(MAX_LIMIT, after))
        yield from page.items
        after = page.next
        if after is None:
            return


def _told(decision: "DecisionView") -> dict[str, str | None]:
    """place: for people; the rest is named as in the API."""
    from crm_store import wording

    location_id = None if decision.location_id is None else str(decision.location_id)
    return {
        "at": shown_time(decision.at_ms),
        "path": str(decision.path),
        "location_id": location_id,
        "place": "no location" if location_id is None else f"location {location_id}",
        "outcome": str(decision.outcome),
        "rule": decision.rule,
        "reason": wording.sentence(decision.reason, decision.rule, None),
    }
