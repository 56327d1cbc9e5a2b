"""/sandbox/mail: the mail of one account, to read and to write. What a mail says is shown as text alone."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.read import read
from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import delivery, labels, listing
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.listing import Place, Wanted
from syncer.sandbox.mailbox.messages import INBOX, SENT, SPAM, TRASH, UNREAD, Message, Messages
from syncer.sandbox.mailbox.relay import hand_out
from syncer.sandbox.pages.composing import Letter, answering, composed
from syncer.sandbox.pages.forms import chosen_account, filled
from syncer.sandbox.pages.rendering import page

_PAGE = 50


def mail_pages(google: Google) -> list[Route]:
    pages = _Pages(google)
    return [
        Route("/sandbox/mail/{email}", pages.listed),
        Route("/sandbox/mail/{email}/write", pages.write, methods=["GET", "POST"]),
        Route("/sandbox/mail/{email}/messages/{id}", pages.message, methods=["GET", "POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    sender: str
    to: str
    subject: str
    time: str
    unread: bool


class _Pages:
    def __init__(self, google: Google) -> None:
        self._google = google

    async def listed(self, request: Request) -> Response:
        """One label's messages, the newest first. before: "milliseconds.id" of the last page's end."""
        account = chosen_account(self._google, request)
        label = request.query_params.get("label", INBOX)
        box = self._box(account)
        wanted = Wanted((label,), with_spam_and_trash=label in (SPAM, TRASH))
        found = listing.page(box.store, account.id, wanted, _place(request), _PAGE + 1, box.now_ms)
        older = f"{found[_PAGE - 1].date_ms}.{found[_PAGE - 1].id}" if len(found) > _PAGE else ""
        rows = [_row(message) for one in found[:_PAGE] if (message := box.find(one.id))]
        known = labels.every(box.store, account.id)
        return page(request, "mail.html", account=account, label=label, labels=known, rows=rows, older=older)

    async def message(self, request: Request) -> Response:
        """Opening it makes it read, as Gmail's page does: a labelsRemoved in the history."""
        account = chosen_account(self._google, request)
        box = self._box(account)
        message = box.find(request.path_params["id"])
        if message is None:
            raise HTTPException(404, "There is no such message.")
        if request.method == "POST":
            _act(box, message, (await filled(request)).get("action", ""))
            self._google.notify()
            return RedirectResponse(f"/sandbox/mail/{account.email}", 303)
        if UNREAD in message.label_ids:
            message = box.change_labels(message, (), {UNREAD})
            self._google.notify()
        mail = read(box.raw(message))
        header = [
            ("From", _shown(mail.from_)), ("To", _shown(mail.to)), ("Cc", _shown(mail.cc)), ("Bcc", _shown(mail.bcc)),
            ("Time (UTC)", _time(message.internal_date_ms)), ("Labels", ", ".join(message.label_ids)),
            ("Message-ID", mail.message_id or ""), ("Gmail id", message.id),
        ]  # fmt: skip
        shown = [(name, value) for name, value in header if value]
        return page(
            request,
            "message.html",
            account=account,
            message=message,
            mail=mail,
            header=shown,
            actions=_actions(message),
        )

    async def write(self, request: Request) -> Response:
        account = chosen_account(self._google, request)
        box = self._box(account)
        if request.method == "GET":
            answered = box.find(request.query_params.get("answer", ""))
            letter = answering(account, answered, box) if answered else Letter(sender=account.email)
            return page(request, "write.html", account=account, form=asdict(letter), problem="")
        letter = Letter(**{name: value for name, value in (await filled(request)).items() if name in _LETTER})
        answered = box.find(letter.answer)
        try:
            raw = composed(letter, read(box.raw(answered)) if answered else None)
            sent = delivery.send(box.store, account, raw, answered.thread_id if answered else "", self._google.now_ms())
        except ValueError:
            problem = "A recipient is needed, and each address has to be one."
            return page(request, "write.html", 422, account=account, form=asdict(letter), problem=problem)
        if sent.outbox_id is not None:
            self._google.begin(hand_out(self._google, sent.outbox_id))
        self._google.notify()
        return RedirectResponse(f"/sandbox/mail/{account.email}?label={SENT}", 303)

    def _box(self, account: Account) -> Messages:
        return Messages(self._google.store, account.id, self._google.now_ms())


_LETTER = frozenset(Letter.__dataclass_fields__)


def _actions(message: Message) -> list[tuple[str, str]]:
    """What can be done with it: a word for the form, words for people."""
    held = [("untrash", "Take out of trash"), ("delete", "Delete for ever")]
    if TRASH in message.label_ids:
        return held
    spam = ("not-spam", "Not spam") if SPAM in message.label_ids else ("spam", "Report spam")
    return [("unread", "Mark as unread"), ("archive", "Archive"), spam, ("trash", "Move to trash"), held[1]]


def _act(box: Messages, message: Message, action: str) -> None:
    match action:
        case "unread":
            box.change_labels(message, {UNREAD}, ())
        case "archive":
            box.change_labels(message, (), {INBOX})
        case "spam":
            box.change_labels(message, {SPAM}, {INBOX})
        case "not-spam":
            box.change_labels(message, {INBOX}, {SPAM})
        case "trash":
            box.trash(message)
        case "untrash":
            box.untrash(message)
        case "delete":
            box.delete(message)
        case _:
            raise HTTPException(400, "There is no such action.")


def _place(request: Request) -> Place | None:
    date, _, message_id = request.query_params.get("before", "").partition(".")
    return Place(int(date), message_id) if date.isdecimal() and len(date) < 19 else None


def _row(message: Message) -> _Row:
    return _Row(
        message.id, message.from_text, message.to_text, message.subject, _time(message.internal_date_ms),
        UNREAD in message.label_ids,
    )  # fmt: skip


def _shown(mailboxes: Iterable[Mailbox]) -> str:
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in mailboxes)


def _time(at_ms: int) -> str:
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):  # a mail may be dated in any year
        return str(at_ms)
