"""The messages of one account: each change writes its history in the same transaction."""

import html
import json
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crm_store.mail.parsed_mail import Mailbox, ParsedMail
from crm_store.mail.read import read
from syncer.sandbox.mailbox import history
from syncer.sandbox.store import Store

INBOX, SENT, DRAFT, SPAM, TRASH, UNREAD = "INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD"
SYSTEM_LABELS = (  # facts/gmail.md 1.4
    INBOX,
    SENT,
    DRAFT,
    SPAM,
    TRASH,
    UNREAD,
    "STARRED",
    "IMPORTANT",
    "CHAT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
)
_SNIPPET_CHARS = 200
_PREFIXES = re.compile(r"^(?:(?:re|fwd?|aw|wg|bls)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One row. label_ids: sorted."""

    id: str
    thread_id: str
    internal_date_ms: int
    size_bytes: int
    snippet: str
    history_id: str
    rfc822_id: str
    subject: str
    from_text: str
    to_text: str
    raw_id: int
    label_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """account_id's messages at this moment."""

    store: Store
    account_id: int
    now_ms: int

    def add(
        self,
        raw: bytes,
        label_ids: Iterable[str],
        *,
        thread_id: str = "",
        internal_date_ms: int | None = None,
        parsed: ParsedMail | None = None,
    ) -> Message:
        """thread_id: taken only if References and Subject agree (1.3); "": the thread that they name, or a new one."""
        parsed = parsed or read(raw)
        message_id = self._new_id()
        key = subject_key(parsed.subject)
        labels = tuple(sorted(set(label_ids)))
        date_ms = self.now_ms if internal_date_ms is None else internal_date_ms
        with self.store.transaction():
            thread = self._thread_of(parsed, key, thread_id) or message_id
            raw_id = self.store.insert("insert into raws (data) values (?)", raw)
            history_id = self._record(history.MESSAGE_ADDED, message_id, thread, labels)
            self.store.run(
                "insert into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                self.account_id,
                message_id,
                thread,
                date_ms,
                len(raw),
                _snippet(parsed.text),
                history_id,
                parsed.message_id or "",
                key,
                parsed.subject,
                _mailboxes(parsed.from_),
                _mailboxes((*parsed.to, *parsed.cc, *parsed.bcc)),
                raw_id,
            )
            self._label(message_id, labels, date_ms)
        added = self.find(message_id)
        assert added is not None
        return added

    def find(self, message_id: str) -> Message | None:
        row = self.store.row("select * from messages where account_id = ? and id = ?", self.account_id, message_id)
        return self._message(row) if row else None

    def raw(self, message: Message) -> bytes:
        row = self.store.row("select data from raws where id = ?", message.raw_id)
        assert row is not None
        return bytes(row["data"])

    def of_thread(self, thread_id: str) -> list[Message]:
        """The oldest first."""
        rows = self.store.rows(
            "select * from messages where account_id = ? and thread_id = ? order by internal_date_ms, id",
            self.account_id,
            thread_id,
        )
        return [self._message(row) for row in rows]

    def change_labels(self, message: Message, add: Collection[str], remove: Collection[str]) -> Message:
        """One record for what was added, one for what was removed; none for what was so already."""
        added = tuple(sorted(set(add) - set(message.label_ids)))
        removed = tuple(sorted(set(remove) & set(message.label_ids)))
        with self.store.transaction():
            history_id = message.history_id
            if added:
                self._label(message.id, added, message.internal_date_ms)
                history_id = self._record(history.LABELS_ADDED, message.id, message.thread_id, added)
            if removed:
                self.store.run(
                    "delete from message_labels where account_id = ? and message_id = ? and label_id in "
                    "(select value from json_each(?))",
                    self.account_id,
                    message.id,
                    json.dumps(removed),
                )
                history_id = self._record(history.LABELS_REMOVED, message.id, message.thread_id, removed)
            self.store.run(
                "update messages set history_id = ? where account_id = ? and id = ?",
                history_id,
                self.account_id,
                message.id,
            )
        changed = self.find(message.id)
        assert changed is not None
        return changed

    def trash(self, message: Message) -> Message:
        """labelsAdded TRASH, labelsRemoved INBOX (1.1)."""
        return self.change_labels(message, {TRASH}, {INBOX, SPAM})

    def untrash(self, message: Message) -> Message:
        return self.change_labels(message, {INBOX} if SENT not in message.label_ids else (), {TRASH})

    def delete(self, message: Message) -> None:
        """Gone for ever: "deleted, not Trashed" (1.1)."""
        with self.store.transaction():
            self._record(history.MESSAGE_DELETED, message.id, message.thread_id, message.label_ids)
            key = (self.account_id, message.id)
            self.store.run("delete from message_labels where account_id = ? and message_id = ?", *key)
            self.store.run("delete from drafts where account_id = ? and message_id = ?", *key)
            self.store.run("delete from messages where account_id = ? and id = ?", *key)
            self.store.run("delete from raws where id = ?", message.raw_id)

    def _new_id(self) -> str:
        """16 hex digits that rise with time; many messages may come in one millisecond."""
        row = self.store.row("select max(id) as latest from messages where account_id = ?", self.account_id)
        latest = int(row["latest"], 16) if row and row["latest"] else 0
        return f"{max(latest + 1 + secrets.randbits(8), (self.now_ms << 20) | secrets.randbits(20)):016x}"

    def _thread_of(self, parsed: ParsedMail, key: str, wanted: str) -> str:
        """1.3: the thread of a mail that it answers, if the subject is the same; wanted only if it is that one."""
        answered = json.dumps([*parsed.references, *parsed.in_reply_to])
        rows = self.store.rows(  # SQLite would rather walk the whole mailbox in the order of dates
            "select distinct thread_id from messages indexed by messages_by_rfc822_id "
            "where account_id = ? and subject_key = ? "
            "and rfc822_id in (select value from json_each(?)) order by internal_date_ms desc",
            self.account_id,
            key,
            answered,
        )
        found = [str(row["thread_id"]) for row in rows]
        if wanted:
            return wanted if wanted in found else ""
        return found[0] if found else ""

    def _record(self, kind: str, message_id: str, thread_id: str, labels: tuple[str, ...]) -> str:
        return history.record(self.store, self.account_id, kind, message_id, thread_id, labels, self.now_ms)

    def _label(self, message_id: str, label_ids: Iterable[str], date_ms: int) -> None:
        self.store.run_many(
            "insert into message_labels values (?, ?, ?, ?)",
            [(self.account_id, message_id, label_id, date_ms) for label_id in label_ids],
        )

    def _message(self, row: sqlite3.Row) -> Message:
        labels = self.store.rows(
            "select label_id from message_labels where account_id = ? and message_id = ?", self.account_id, row["id"]
        )
        return Message(
            row["id"],
            row["thread_id"],
            row["internal_date_ms"],
            row["size_bytes"],
            row["snippet"],
            row["history_id"],
            row["rfc822_id"],
            row["subject"],
            row["from_text"],
            row["to_text"],
            row["raw_id"],
            tuple(label["label_id"] for label in labels),
        )


def subject_key(subject: str) -> str:
    """What has to be the same in all subjects of a thread."""
    return " ".join(_PREFIXES.sub("", subject.strip()).casefold().split())


def _snippet(text: str) -> str:
    """Escaped, as Gmail's is."""
    return html.escape(" ".join(text[: 4 * _SNIPPET_CHARS].split())[:_SNIPPET_CHARS], quote=True)


def _mailboxes(mailboxes: Iterable[Mailbox]) -> str:
    """To be searched."""
    return " ".join(f"{mailbox.name} <{mailbox.address}>" for mailbox in mailboxes).casefold()
