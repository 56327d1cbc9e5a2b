"""Which captures a page of the queue lists, as its address and its forms say it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from crm_store import capture_queue
from crm_store.capture_views import CaptureView
from crm_store.errors import Invalid
from crm_store.paging import MAX_CURSOR_LENGTH, Page, PageRequest, cursor_behind
from crm_store.rules.states import CaptureState, Role
from gateway.web.pages.asking import Session
from gateway.web.pages.navigation import in_location

SHOWN = 50
MAX_Q_LENGTH = 500
ALL = "all"
QUEUE, OWN = "queue", "captures"


@dataclass(frozen=True, slots=True)
class Asked:
    """base: QUEUE or OWN, below the location. state: None for all of them. q: "" for everything. after: a cursor, ""
    for the first page."""

    location_id: int
    base: str
    state: CaptureState | None
    q: str
    after: str

    @property
    def usual(self) -> CaptureState | None:
        """What is listed where nothing is said: operators want to know what waits, others what became of their mail."""
        return CaptureState.HELD if self.base == QUEUE else None

    def as_fields(self) -> dict[str, str]:
        """What a form or an address has to say, and no more."""
        state = "" if self.state is self.usual else self.state or ALL
        return {name: value for name, value in (("state", state), ("q", self.q), ("after", self.after)) if value}

    def where(self, *more: object) -> str:
        """The address of the list, or of what is below it, without a filter."""
        return in_location(self.location_id, "/".join(map(str, (self.base, *more))))

    def path(self, *more: object, **said: object) -> str:
        """As where, with the same filter. said: further parameters."""
        query = urlencode({**self.as_fields(), **said})
        return f"{self.where(*more)}?{query}" if query else self.where(*more)

    def page(self, session: Session, limit: int = SHOWN, after: str | None = None) -> Page[CaptureView]:
        """Raises: Invalid for a q or a cursor that can't be taken."""
        return capture_queue.list_for(
            session.here,
            self.location_id,
            PageRequest(limit, after or self.after or None),
            now_ms=session.reader.now_ms,
            state=self.state,
            q=self.q or None,
        )

    def behind(self, session: Session, capture_id: int) -> int | None:
        """The capture that is listed after this one, which may have left the list; the first one where it was the last.
        None where nothing else is listed."""
        try:
            rest = self.page(session, 1, cursor_behind(capture_id)).items
            rest = rest or replace(self, after="").page(session, 1).items
        except Invalid:  # the form says a filter that is none of ours
            return None
        return next((view.id for view in rest if view.id != capture_id), None)


def asked(said: Mapping[str, str], location_id: int, base: str) -> Asked:
    """said: the query of an address, or a form."""
    usual = CaptureState.HELD if base == QUEUE else None
    state = said.get("state", "")
    chosen = CaptureState(state) if state in set(CaptureState) else None if state == ALL else usual
    q = " ".join(said.get("q", "").split())[:MAX_Q_LENGTH]
    return Asked(location_id, base, chosen, q, said.get("after", "")[:MAX_CURSOR_LENGTH])


def base_of(role: Role | None) -> str:
    """Where somebody of this role looks at captures."""
    return OWN if role is Role.USER else QUEUE
