"""Whatever people do to contacts, threads and entries, in whatever order, while mail comes in: the counts stay true."""

import random
from collections.abc import Callable

import pytest
from mails import a_mail
from store import Person, Store
from true_counts import assert_counts_are_true, assert_each_thread_knows_its_own_messages

from crm_store import contact_changes, conversations, entry_removal, tabs, threads
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.contacts import Contact, Thread
from crm_store.models.messages import Entry

PEOPLE = ["budi@p.example", "citra@p.example", "dian@p.example", "eka@p.example"]
STEPS = 80


class Hands:
    """Somebody who does anything to anything."""

    def __init__(self, store: Store, ani: Person, seed: int) -> None:
        self.store, self.ani, self.random = store, ani, random.Random(seed)
        self.done: set[str] = set()  # what was not refused

    def any_of(self, table: type[Contact] | type[Thread] | type[Entry]) -> int:
        return self.random.choice([row.id for row in table.select().order_by(table.id)] or [1])

    def any_in(self, thread_id: int) -> int:
        return self.random.choice([row.id for row in Entry.select().order_by(Entry.id) if row.thread_id == thread_id])

    def any_beside(self, thread_id: int) -> int:
        """A thread of the same conversation."""
        tab = Thread.get_by_id(thread_id).conversation_id
        return self.random.choice([row.id for row in Thread.select().order_by(Thread.id) if row.conversation_id == tab])

    def mail(self) -> None:
        named = self.random.sample(range(1, self.store.now_ms % 1000 + 1), k=min(2, self.store.now_ms % 1000))
        references = " ".join(f"<m{number}@f>" for number in sorted(named))
        inbound = self.random.random() < 0.4
        person = self.random.choice(PEOPLE)
        self.store.now_ms += 1
        self.store.capture(
            a_mail(
                person if inbound else "Ani <ani@firma.example>",
                to="ani@firma.example" if inbound else person,
                cc=self.ani.bcc,
                text=f"surat {self.store.now_ms}",
                message_id=f"<m{self.store.now_ms % 1000}@f>",
                answers=references.split()[-1] if references else None,
                references=references or None,
                date=None,
            ),
            self.ani.bcc,
        )

    def step(self) -> None:
        access, now_ms, blobs = self.ani.access, self.store.now_ms, self.store.blobs
        contact, thread, entry = self.any_of(Contact), self.any_of(Thread), self.any_of(Entry)
        doings: dict[str, Callable[[], object]] = {
            "mail": self.mail,
            "delete": lambda: contact_changes.delete(access, contact, now_ms=now_ms),
            "restore": lambda: contact_changes.restore(access, contact, now_ms=now_ms),
            "merge": lambda: contact_changes.merge(access, contact, self.any_of(Contact), now_ms=now_ms),
            "split": lambda: threads.split(
                access, threads.plan_split(access, thread, [self.any_in(thread)], blobs), now_ms=now_ms
            ),
            "join": lambda: threads.merge(access, thread, self.any_beside(thread), now_ms=now_ms),
            "move": lambda: threads.move(access, thread, contact, now_ms=now_ms),
            "remove": lambda: entry_removal.remove(access, entry, now_ms=now_ms),
            "put back": lambda: entry_removal.restore(access, entry, now_ms=now_ms),
            "read": lambda: conversations.mark_read(access, Thread.get_by_id(thread).conversation_id, now_ms=now_ms),
            "read in Gmail": lambda: tabs.set_read([entry, self.any_of(Entry)], read=True),
            "unread in Gmail": lambda: tabs.set_read([entry, self.any_of(Entry)], read=False),
        }
        weights = [14, 1, 2, 0.5, 4, 4, 3, 2, 2, 1, 2, 2]
        (name,) = self.random.choices(list(doings), weights)
        try:
            doings[name]()
        except (NotFound, Conflict, Invalid):
            return
        self.done.add(name)


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_stay_true(store: Store, ani: Person, seed: int):
    hands = Hands(store, ani, seed)
    for _ in range(8):
        hands.mail()
    for _ in range(STEPS):
        hands.step()
        assert_counts_are_true()
        assert_each_thread_knows_its_own_messages()
    assert len(hands.done) >= 7, "hardly anything was done"
