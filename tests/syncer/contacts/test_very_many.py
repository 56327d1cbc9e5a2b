"""Accounts with very many contacts: each page costs what the first one did, in time and in memory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

import psutil
import pytest
from cpu_cost import MOST_GROWTH
from google_contacts import Book
from many_people import ManyPeople

from crm_store.models.contact_import import ImportedPerson
from crm_store.models.contacts import ContactAddress
from syncer.gmail.people import PAGE, GooglePeople

MANY = [1_000, pytest.param(100_000, marks=pytest.mark.soak)]
MB = 1024 * 1024
MOST_MORE_MB = 40


@pytest.fixture(params=MANY, ids="{} people".format)
def people(request: pytest.FixtureRequest) -> Iterator[ManyPeople]:
    served = ManyPeople(request.param)
    yield served
    served.close()


def test_pages_cost_the_same_from_the_first_to_the_last(book: Callable[..., Book], people: ManyPeople):
    """B15. Each run is one page; then changes alone are asked for."""
    ani = book("ani")
    settings = ani.mailbox.settings.model_copy(update={"google_people_url": people.url})
    engine = ani.mailbox.engine
    ani.mailbox.engine = replace(engine, open_contacts=lambda one: GooglePeople(one, settings, engine.sealer))
    before, process = ContactAddress.select().count(), psutil.Process()
    costs_s, rss_mb = list[float](), list[float]()
    while not costs_s or ani.row.sync_token is None:
        began_s = time.thread_time()
        assert ani.run_due() == [True]
        costs_s.append(time.thread_time() - began_s)
        rss_mb.append(process.memory_info().rss / MB)
    assert people.pages == len(costs_s) == -(-people.count // PAGE)
    assert ContactAddress.select().count() - before == people.count
    assert ImportedPerson.select().where(ImportedPerson.google_sub == ani.mailbox.sub).count() == people.count

    part = max(1, len(costs_s) // 4)
    first_s, last_s = median(costs_s[:part]), median(costs_s[-part:])
    print(
        f"{people.count} people in {len(costs_s)} pages, {sum(costs_s):.0f} s of CPU: a page {first_s:.3f} s at first, "
        f"{last_s:.3f} s at last; {rss_mb[part]:.0f} MB after the first, {max(rss_mb):.0f} MB at most"
    )
    assert last_s < MOST_GROWTH * first_s
    assert max(rss_mb[part:]) - rss_mb[part] < MOST_MORE_MB
