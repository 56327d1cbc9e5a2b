"""People v1: facts/gmail.md 1.10, by Google's own client."""

import pytest
from googleapiclient.errors import HttpError

FIELDS = "names,emailAddresses,phoneNumbers,organizations,metadata"
DAY_MS = 86_400_000


def add(sandbox, client, name: str, *addresses: str, kind: str = "contacts") -> str:
    made = {"name": name, "addresses": addresses, "phones": ["+62 21 1"], "organization": "Toko"}
    return sandbox.ask("POST", f"/accounts/{client.email}/{kind}", made)["id"]


def listed(client, **how) -> list[dict]:
    """The pages."""
    connections, pages = client.people.connections(), []
    request = connections.list(**({"resourceName": "people/me", "personFields": FIELDS} | how))
    while request:
        pages.append(request.execute())
        request = connections.list_next(request, pages[-1])
    return pages


def test_contacts_with_the_fields_that_were_asked_for(google, sandbox):
    ana = google("ana")
    contact_id = add(sandbox, ana, "Citra Dewi", "citra@toko.example", "c@toko.example")
    [page] = listed(ana)
    [citra] = page["connections"]
    assert citra["resourceName"] == f"people/{contact_id}"
    assert [address["value"] for address in citra["emailAddresses"]] == ["citra@toko.example", "c@toko.example"]
    assert (citra["names"][0]["givenName"], citra["names"][0]["familyName"]) == ("Citra", "Dewi")
    assert "nextSyncToken" not in page
    [names] = listed(ana, personFields="names")[0]["connections"]
    assert set(names) == {"resourceName", "etag", "names"}
    one = ana.people.get(resourceName=f"people/{contact_id}", personFields="names").execute()
    assert one == names
    me = ana.people.get(resourceName="people/me", personFields="emailAddresses").execute()
    assert me["emailAddresses"][0]["value"] == ana.email


@pytest.mark.parametrize("mask", ["", "names,nonsense"])
def test_a_mask_is_needed(google, mask):
    with pytest.raises(HttpError) as raised:
        listed(google("ana"), personFields=mask)
    assert raised.value.status_code == 400


def test_a_sync_token_gives_what_changed_since_with_deletions(google, sandbox):
    ana = google("ana")
    kept, changed, gone = (add(sandbox, ana, name, f"{name}@x.example") for name in ("Kept", "Changed", "Gone"))
    pages = listed(ana, requestSyncToken=True, pageSize=2)
    assert [len(page["connections"]) for page in pages] == [2, 1]
    assert ["nextSyncToken" in page for page in pages] == [False, True]
    token = pages[-1]["nextSyncToken"]
    path = f"/accounts/{ana.email}/contacts"
    sandbox.ask("PUT", f"{path}/{changed}", {"name": "New Name"})
    sandbox.ask("DELETE", f"{path}/{gone}")
    new = add(sandbox, ana, "New", "new@x.example")
    [page] = listed(ana, requestSyncToken=True, syncToken=token)
    assert [person["resourceName"] for person in page["connections"]] == [f"people/{i}" for i in (changed, gone, new)]
    assert page["connections"][1]["metadata"]["deleted"]
    [quiet] = listed(ana, requestSyncToken=True, syncToken=page["nextSyncToken"])
    assert set(quiet) == {"nextSyncToken"}
    assert kept in [person["resourceName"].removeprefix("people/") for person in listed(ana)[0]["connections"]]


def test_a_sync_token_expires_and_must_come_with_the_same_parameters(google, sandbox):
    ana = google("ana")
    add(sandbox, ana, "Citra")
    token = listed(ana, requestSyncToken=True)[-1]["nextSyncToken"]
    with pytest.raises(HttpError):
        listed(ana, requestSyncToken=True, syncToken=token, personFields="names")
    sandbox.ask("POST", f"/accounts/{ana.email}/contacts/expire-sync-tokens")
    with pytest.raises(HttpError) as raised:
        listed(ana, requestSyncToken=True, syncToken=token)
    assert raised.value.status_code == 400
    assert raised.value.error_details[0]["reason"] == "EXPIRED_SYNC_TOKEN"


def test_a_sync_token_is_good_for_seven_days(google, sandbox):
    ana = google("ana")
    token = listed(ana, requestSyncToken=True)[-1]["nextSyncToken"]
    sandbox.behave(clock_skew_ms=8 * DAY_MS)
    with pytest.raises(HttpError) as raised:
        listed(ana, requestSyncToken=True, syncToken=token)
    assert raised.value.error_details[0]["reason"] == "EXPIRED_SYNC_TOKEN"


def test_contacts_propagate_slowly_on_demand_and_none_is_lost(google, sandbox):
    ana = google("ana")
    sandbox.behave(contacts_lag_ms=60_000)
    add(sandbox, ana, "Citra")
    [page] = listed(ana, requestSyncToken=True)
    assert "connections" not in page
    sandbox.behave(contacts_lag_ms=0)
    [page] = listed(ana, requestSyncToken=True, syncToken=page["nextSyncToken"])
    assert len(page["connections"]) == 1


def test_other_contacts_are_a_list_of_their_own(google, sandbox):
    ana = google("ana")
    add(sandbox, ana, "Other", "other@x.example", kind="other-contacts")
    assert "connections" not in listed(ana)[0]
    others = ana.service("people.v1").otherContacts().list(readMask="emailAddresses").execute()["otherContacts"]
    assert [other["resourceName"].split("/")[0] for other in others] == ["otherContacts"]


def test_the_contacts_scope_is_needed(google):
    with pytest.raises(HttpError) as raised:
        listed(google("ana", "https://www.googleapis.com/auth/gmail.readonly"))
    assert raised.value.status_code == 403
