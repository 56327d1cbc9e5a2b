"""One Gmail account through Google's own client, in the engine's words."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httplib2
from googleapiclient.discovery import build_from_document

from crm_store.clock import now_ms
from crm_store.connection_work import MailboxAccess
from crm_store.errors import ProductError
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer import large_mail
from syncer.errors import Rejected, SendingLimit, SlowDown, Unreachable
from syncer.gmail import quota, translate
from syncer.gmail.asking import Failed, ask, document, failed, tell
from syncer.gmail.credentials import AccessToken
from syncer.gmail.errors import Call
from syncer.gmail.quota import Budgets
from syncer.gmail.raw_reply import TooLarge, Unreadable, read_raw_reply
from syncer.gmail.send import Parts, send
from syncer.gmail.transport import Transport
from syncer.remote import LIST_PAGE, Accepted, HistoryPage, ListPage, Look, Profile, WholeMail

MAX_MAIL_BYTES = 160 * 1024 * 1024  # messages.insert takes 157,286,400
_DEAREST_UNITS = 2 * quota.GET_UNITS  # a look, and the mail itself
_SENDING_UNITS = quota.PROFILE_UNITS + quota.SEND_UNITS + quota.GET_UNITS  # read back, too


class GmailMailbox:
    """For one thread, and one run. It asks again for nothing by itself: the row remembers that it is due."""

    def __init__(self, access: MailboxAccess, settings: Settings, sealer: Sealer, budgets: Budgets) -> None:
        self._connection_id = access.connection_id
        self._budgets, self._root = budgets, settings.google_gmail_url
        self._transport = Transport(AccessToken(access, settings, sealer, now_ms))
        service = build_from_document(document("gmail", "v1", settings.google_gmail_url), http=self._transport)
        self._users: Any = service.users()  # Any: the client makes its methods from the document
        self._messages: Any = self._users.messages()

    def wait_s(self) -> float:
        return self._budgets.wait_s(self._connection_id, _DEAREST_UNITS, time.monotonic())

    def backfill_wait_s(self) -> float:
        return self._budgets.backfill_wait_s(self._connection_id, _DEAREST_UNITS, time.monotonic())

    def profile(self) -> Profile:
        request = self._users.getProfile(userId="me")
        return translate.profile(self._ask(Call.PROFILE, quota.PROFILE_UNITS, request))

    def aliases(self) -> Sequence[str]:
        request = self._users.settings().sendAs().list(userId="me")
        return translate.aliases(self._ask(Call.ALIASES, quota.ALIASES_UNITS, request))

    def watch(self, topic: str) -> int:
        # All labels: mail that a filter archived is mail as well. The reply's historyId is no cursor: what came before
        # it and was not read yet would be skipped.
        request = self._users.watch(userId="me", body={"topicName": topic})
        return translate.watched_until_ms(self._ask(Call.WATCH, quota.WATCH_UNITS, request))

    def history(self, since: str, page: str | None) -> HistoryPage:
        request = self._users.history().list(
            userId="me", startHistoryId=str(int(since)), pageToken=page, maxResults=LIST_PAGE
        )
        return translate.history_page(self._ask(Call.HISTORY, quota.HISTORY_UNITS, request), page)

    def list(self, since_s: int | None, page: str | None) -> ListPage:
        after = None if since_s is None else f"after:{since_s}"
        request = self._messages.list(userId="me", includeSpamTrash=True, maxResults=LIST_PAGE, q=after, pageToken=page)
        return translate.list_page(self._ask(Call.LIST, quota.LIST_UNITS, request), page)

    def look(self, gmail_id: str) -> Look:
        request = self._messages.get(userId="me", id=gmail_id, format="metadata")
        return translate.look(self._ask(Call.GET, quota.GET_UNITS, request), gmail_id)

    def mark_read(self, gmail_ids: Sequence[str]) -> None:
        change = {"removeLabelIds": ["UNREAD"]}
        if len(gmail_ids) * quota.MODIFY_UNITS > quota.BATCH_MODIFY_UNITS:
            self._spend(quota.BATCH_MODIFY_UNITS)
            request = self._messages.batchModify(userId="me", body={"ids": list(gmail_ids), **change})
            tell(request, self._transport, self._failed(Call.MODIFY))
            return
        for gmail_id in gmail_ids:
            self._ask(Call.MODIFY, quota.MODIFY_UNITS, self._messages.modify(userId="me", id=gmail_id, body=change))

    @contextmanager
    def fetch(self, gmail_id: str) -> Iterator[WholeMail]:
        self._spend(quota.GET_UNITS)
        request = self._messages.get(userId="me", id=gmail_id, format="raw")
        with _Mail() as mail:
            try:
                with self._transport.stream(request.uri, request.headers, self._failed(Call.GET)) as pieces:
                    answer = read_raw_reply(pieces, mail)
            except TooLarge as error:
                raise Rejected(f"get: {error}") from error
            except Unreadable as error:  # something in front of Google answers 200 and a page
                raise Unreachable(f"get: {error}") from error
            yield WholeMail(translate.look(answer, gmail_id), mail.getvalue())

    def send_wait_s(self) -> float:
        return self._budgets.wait_s(self._connection_id, _SENDING_UNITS, time.monotonic())

    def send(self, raw: bytes, thread_id: str | None, going_on: Callable[[], None]) -> Accepted:
        self._spend(quota.SEND_UNITS)
        try:
            return send(self._messages, Parts(self._transport, self._root, going_on), raw, thread_id)
        except SlowDown as error:
            if not isinstance(error, SendingLimit):
                self._budgets.refused()
            raise

    def list_sent(self, page: str | None) -> ListPage:
        request = self._messages.list(
            userId="me", labelIds=["SENT"], includeSpamTrash=True, maxResults=LIST_PAGE, pageToken=page
        )
        return translate.list_page(self._ask(Call.LIST, quota.LIST_UNITS, request))

    def _ask(self, call: Call, units: int, request: Any) -> dict[str, Any]:
        """Any: the client's request, and JSON."""
        self._spend(units)
        return ask(call, request, self._transport, self._failed(call))

    def _failed(self, call: Call) -> Failed:
        def error(response: httplib2.Response, content: bytes) -> ProductError:
            meant = failed(call)(response, content)
            if isinstance(meant, SlowDown):
                self._budgets.refused()
            return meant

        return error

    def _spend(self, units: int) -> None:
        self._budgets.spend(self._connection_id, units, time.monotonic())


class _Mail(io.BytesIO):
    """A mail in memory. Its value is no second copy of it."""

    def __init__(self) -> None:
        super().__init__()
        self._is_large = False

    def write(self, data: Any) -> int:
        """Any: whatever has bytes, as for BytesIO."""
        size_bytes = self.tell() + len(data)
        if size_bytes > MAX_MAIL_BYTES:
            raise TooLarge("the mail is too large")
        if size_bytes > large_mail.LARGE_BYTES and not self._is_large:
            large_mail.wait_for_turn()
            self._is_large = True
        return super().write(data)

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._is_large:
            large_mail.end_turn()
