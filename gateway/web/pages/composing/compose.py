"""/l/{location_id}/compose: one e-mail as it is written, saved, sent, and taken back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import conversations, draft_files, draft_sending, drafts, outbox_outlook
from crm_store.blobs.store import BlobStore
from crm_store.draft_files import NewFile
from crm_store.drafts import DraftView, Written
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.rules.states import AttachmentState
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.composing import problem_words
from gateway.web.pages.composing.beginning import Beginning, How, beginning
from gateway.web.pages.composing.send_later import NotATime, at_ms, presets
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.rendering import page
from gateway.web.pages.uploads import Uploaded, Uploads
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/compose"
_ONE = _PATH + "/{draft_id}"


def router(blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get(_PATH)
    def begin(
        visit: Visitor,
        location_id: Id,
        how: How = How.NEW,
        entry: Annotated[Id | None, Query()] = None,
        contact: Annotated[Id | None, Query()] = None,
    ) -> Response:
        with signed_in(visit, location_id) as session:
            begun = beginning(session, how, entry, contact)
            return _page(session, begun.written, quote=begun.quote, begun=begun)

    @pages.post(_PATH)
    def save_new(visit: Visitor, location_id: Id, uploaded: Uploads) -> Response:
        """Of the form's key there is one draft, however often this is sent."""
        with signed_in(visit, location_id) as session:
            known = drafts.of_key(session.access, location_id, visit.form.get("key", ""))
            if known is not None and known.email_id is not None:  # a form that was sent twice
                return see_other(_sent_path(location_id, known.email_id))
            begun = beginning(session, _how(visit), _id_or_none(visit, "entry"), None)
            try:
                draft = drafts.save(
                    session.access,
                    location_id,
                    visit.form.get("key", ""),
                    _written(visit),
                    reply_to_entry_id=begun.answers_entry_id,
                    quote=begun.quote,
                    now_ms=visit.now_ms,
                )
            except Invalid as error:
                problems = problem_words.of(session.reader, error)
                return _page(session, _written(visit), quote=begun.quote, begun=begun, problems=problems)
            if begun.how is How.FORWARD and not draft.files:
                _pass_on(session, begun, draft.id, blobs)
            return _go_on(session, draft, uploaded, blobs)

    @pages.get(_ONE)
    def show(visit: Visitor, location_id: Id, draft_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            return _draft_page(session, drafts.get(session.access, location_id, draft_id))

    @pages.post(_ONE)
    def save(visit: Visitor, location_id: Id, draft_id: Id, uploaded: Uploads) -> Response:
        with signed_in(visit, location_id) as session:
            draft = drafts.get(session.access, location_id, draft_id)
            if draft.email_id is not None:
                return see_other(_sent_path(location_id, draft.email_id))
            try:
                saved = drafts.save(session.access, location_id, draft.key, _written(visit), now_ms=visit.now_ms)
            except Invalid as error:
                problems = problem_words.of(session.reader, error)
                return _page(session, _written(visit), quote=draft.quote, draft=draft, problems=problems)
            return _go_on(session, saved, uploaded, blobs)

    @pages.post(_ONE + "/restore")
    def restore(visit: Visitor, location_id: Id, draft_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            drafts.restore(session.access, location_id, draft_id, now_ms=visit.now_ms)
        return see_other(in_location(location_id, f"compose/{draft_id}"))

    return pages


def _go_on(session: Session, draft: DraftView, uploaded: Uploaded, blobs: BlobStore) -> Response:
    """What is typed is kept. Then what the button says."""
    visit, location_id = session.visit, draft.location_id
    act, _, file_id = visit.form.get("act", "save").partition(":")
    try:
        if uploaded.too_large:
            raise Invalid("attachments", "have too many bytes together")
        if uploaded.files:
            draft_files.add(draft.id, uploaded.files, blobs, now_ms=visit.now_ms)
        if act == "remove" and file_id.isdecimal():
            draft_files.remove(draft.id, int(file_id))
        if act == "discard":
            drafts.discard(session.access, location_id, draft.id, now_ms=visit.now_ms)
            return see_other(in_location(location_id, f"drafts?discarded={draft.id}"))
        if act in ("send", "later"):
            send_at_ms = at_ms(visit.form, session.reader) if act == "later" else None
            email_id = draft_sending.send(
                session.access, location_id, draft.id, blobs, send_at_ms=send_at_ms, now_ms=visit.now_ms
            )
            return see_other(_sent_path(location_id, email_id))
    except NotATime:
        problems = {"send_at": problem_words.no_time(session.reader)}
        return _draft_page(session, drafts.get(session.access, location_id, draft.id), problems=problems)
    except Invalid as error:
        problems = problem_words.of(session.reader, error)
        return _draft_page(session, drafts.get(session.access, location_id, draft.id), problems=problems)
    return see_other(in_location(location_id, f"compose/{draft.id}?done=saved"))


def _pass_on(session: Session, begun: Beginning, draft_id: int, blobs: BlobStore) -> None:
    """A forwarded mail's files go along, as far as they may."""
    assert begun.entry is not None, "something is passed on"
    for one in begun.entry.message.attachments:
        if one.state is not AttachmentState.STORED:
            continue
        file = conversations.attachment(session.access, one.id, blobs)
        try:
            new = NewFile(file.name, file.content_type, file.content)
            draft_files.add(draft_id, [new], blobs, now_ms=session.reader.now_ms)
        except Invalid:
            return


def _sent_path(location_id: int, email_id: int) -> str:
    return in_location(location_id, f"outbox/{email_id}?done=sent")


def _how(visit: Visit) -> How:
    word = visit.form.get("how", How.NEW)
    if word not in set(How):
        raise NotFound("no such way")
    return How(word)


def _id_or_none(visit: Visit, field: str) -> int | None:
    said = visit.form.get(field, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else None


def _written(visit: Visit) -> Written:
    return Written(
        from_address=visit.line("from"),
        to=visit.form.get("to", ""),
        cc=visit.form.get("cc", ""),
        bcc=visit.form.get("bcc", ""),
        subject=visit.line("subject"),
        text=visit.form.get("text", "").replace("\r\n", "\n"),
        with_quote="with_quote" in visit.form or "has_quote" not in visit.form,
    )


def _draft_page(session: Session, draft: DraftView, *, problems: Mapping[str, str] | None = None) -> Response:
    """Raises: Conflict for one that is discarded."""
    if draft.email_id is not None:
        return see_other(_sent_path(draft.location_id, draft.email_id))
    if draft.is_discarded:
        raise Conflict("it is discarded")
    return _page(session, draft.written, quote=draft.quote, draft=draft, problems=problems)


def _page(
    session: Session,
    written: Written,
    *,
    quote: str,
    begun: Beginning | None = None,
    draft: DraftView | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    assert session.location is not None
    now_ms = session.reader.now_ms
    return page(
        session,
        "composing/compose.html",
        status=422 if problems else 200,
        written=written,
        quote=quote,
        begun=begun,
        draft=draft,
        key=draft.key if draft else session.visit.form.get("key") or secrets.token_urlsafe(24),
        problems=problems or {},
        done=session.visit.query.get("done", ""),
        outlook=outbox_outlook.outlook(session.location.id, session.access.user_id, now_ms=now_ms),
        later=presets(session.reader),
    )
