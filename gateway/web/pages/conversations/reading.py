"""/l/{location_id}/conversations/{conversation_id}: a contact's threads; and one thread."""

from fastapi import Response

from crm_store import conversations, outbox_open, thread_views
from crm_store.conversations import ConversationView
from crm_store.live_marks.place import View
from crm_store.outbox import EmailView
from crm_store.outbox_wording import email_sentence
from crm_store.paging import PageRequest
from crm_store.thread_views import ReadThread
from gateway.web.pages import following
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.conversations import cards
from gateway.web.pages.conversations.people import initials_of, name_of
from gateway.web.pages.conversations.shown_list import shown_list
from gateway.web.pages.conversations.toasts import toast_of
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

PATH = "/l/{location_id}/conversations/{conversation_id}"
THREAD = "/l/{location_id}/threads/{thread_id}"
_LISTED = 14
_THREADS, _LATEST = 6, (6, 3, 2)
_OF_THREAD = 15

router = page_router()


@router.get(PATH)
def show_conversation(visit: Visitor, location_id: Id, conversation_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        view = conversations.get(session.here, conversation_id)
        live = following.address(session, View.CONVERSATION, conversation_id)
        request = PageRequest(_THREADS, visit.query.get("after"))
        threads = thread_views.of_conversation(session.here, conversation_id, request, latest=_LATEST)
        waiting = outbox_open.of_conversation(session.here, conversation_id) if request.after is None else []
        return _page(session, view, threads.items, live=live, older=threads.next, waiting=waiting)


@router.post(PATH + "/read")
def mark_read(visit: Visitor, location_id: Id, conversation_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        conversations.mark_read(session.here, conversation_id, now_ms=visit.now_ms)
    return see_other(in_location(location_id, f"conversations/{conversation_id}"))


@router.get(THREAD)
def show_thread(visit: Visitor, location_id: Id, thread_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        thread = thread_views.thread(session.here, thread_id, PageRequest(_OF_THREAD, visit.query.get("after")))
        view = conversations.get(session.here, thread.conversation_id)
        live = following.address(session, View.CONVERSATION, view.id)
        return _page(session, view, [thread], live=live, thread=thread)


def _page(
    session: Session,
    view: ConversationView,
    threads: list[ReadThread],
    *,
    live: str,
    older: str | None = None,
    waiting: list[EmailView] = [],  # noqa: B006  # it is only read
    thread: ReadThread | None = None,
) -> Response:
    """older: the cursor of the next threads. thread: the one that the page is of, where it is of one."""
    name = name_of(view.contact)
    return page(
        session,
        "conversations/conversation.html",
        view=view,
        name=name,
        initials=initials_of(name),
        threads=cards.of_threads(session.reader, threads),
        listed=shown_list(session, PageRequest(_LISTED), unread_only=False, open_id=view.id),
        open_id=view.id,
        is_first="after" not in session.visit.query,
        older=older,
        thread=thread,
        waiting=[(email, _state(session.reader, email)) for email in waiting],
        live=live,
        toast=toast_of(session),
    )


def _state(reader: Reader, email: EmailView) -> str:
    return email_sentence(email.state, email.counts, email.reason, email.detail, reader.language) or ""
