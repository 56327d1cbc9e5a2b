"""Two locations get copies of one message: neither sees what only the other's copy holds, whatever it asks for."""

import itertools
import re
import urllib.error

import pytest
from mails import a_mail
from outside import Outside

HIGHEST_ID = 10
# What a GET asks for beside its path.
QUERIES = {
    "/decisions": [f"?message_id=<{name}@firma.example>" for name in ("bcc", "footer", "footers", "files", "pages")]
}

# Mail to postmaster and abuse: no location's admin may ask for it. A mailbox: nobody has connected one.
NOT_THERE = {
    "/captures",
    "/connections/{connection_id}",
    "/emails/{email_id}",
    "/locations/{location_id}/provider",
    "/locations/{location_id}/provider/test",
}


@pytest.fixture
def outside(served, database_environ):
    return Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))


def copies(place: str, other: str) -> list[bytes]:
    """What this location gets of five messages. Their other copies differ in what only one of them may know."""
    own = f"saksi-{place}@pelanggan.example"
    text = "Penawaran kami."
    footer = f"{text}\r\nDisclaimer {place}-kaki"
    return [
        a_mail(message_id="<bcc@firma.example>", bcc=f"Saksi {place}-nama <{own}>", text=text),
        a_mail(message_id="<footer@firma.example>", bcc=own, text=footer if place < other else text),
        a_mail(message_id="<footers@firma.example>", bcc=own, text=footer, headers={"X-Gateway": f"{place}-gerbang"}),
        a_mail(message_id="<pages@firma.example>", bcc=own, text=text, html=f"<p>{text}<p>{place}-halaman"),
        a_mail(message_id="<files@firma.example>", bcc=own, text=text, attachment=f"{place}-berkas".encode()),
    ]


def test_no_bcc_no_bcc_address_and_no_raw_byte_of_the_others_copy_is_ever_shown(outside):
    places = {}
    for name in ("utara", "selatan"):
        location = outside.add_location(f"Toko {name}")
        places[name] = {"location": location, "reader": reader(outside, f"{name}@firma.example", location)}
    ani = outside.add_user("ani@firma.example", places["utara"]["location"])
    places["utara"]["bcc"] = ani.bcc
    places["selatan"]["bcc"] = also_in(outside, ani, places["selatan"]["location"])
    sent = {name: copies(name, other) for name, other in (("utara", "selatan"), ("selatan", "utara"))}
    for n in range(5):
        for name in sorted(places, reverse=bool(n % 2)):  # whose copy came first must not matter
            outside.send(sent[name][n], places[name]["bcc"])
    for query in QUERIES["/decisions"]:
        outside.until_decided(ani, query.partition("=")[2], count=2)

    for name, other in (("utara", "selatan"), ("selatan", "utara")):
        answers = everything(outside, places[name]["reader"])
        assert set(sent[name]) <= set(answers.values()), "the walk must reach the raw bytes of the own copies"
        words = [
            f"saksi-{other}",
            f"{other}-nama",
            f"{other}-kaki",
            f"{other}-gerbang",
            f"{other}-berkas",
            f"{other}-halaman",
            places[other]["bcc"],
        ]
        shown = [(word, path) for word in words for path, body in answers.items() if word.encode() in body]
        assert shown == []


def reader(outside: Outside, email: str, location: str) -> str:
    """The token of an admin of this location alone, and of nothing else."""
    user = outside.product.run_json(
        "user", "add", email, "--name", email.split("@")[0], "--location", location, "--role", "admin"
    )
    return str(outside.product.run_json("token", "create", "--user", str(user["id"]))["token"])


def also_in(outside: Outside, user, location: str) -> str:
    """The user's BCC address in a second location."""
    assert outside.call(user.token, "PUT", f"/locations/{location}/members/{user.id}", {"role": "user"})[0] == 200
    return str(outside.get(user.token, f"/locations/{location}/members/{user.id}/bcc-address")["address"])


def everything(outside: Outside, token: str) -> dict[str, bytes]:
    """Every GET of the API with every id that there could be: path and query → body, also of a refusal."""
    paths = outside.get(token, "/openapi.json")["paths"]
    gets = [path.removeprefix("/api/v1") for path, methods in paths.items() if "get" in methods]
    found = {}
    for path in gets:
        names = re.findall(r"{(\w+)}", path)
        asked = [
            path.format(**dict(zip(names, ids, strict=True))) + query
            for ids in itertools.product(range(1, HIGHEST_ID + 1), repeat=len(names))
            for query in QUERIES.get(path, [""])
        ]
        answers = {one: answer(outside, token, one) for one in asked}
        reached = 200 in {status for status, _ in answers.values()}
        assert reached != (path in NOT_THERE), f"{path}: the walk sees nothing there"
        found |= {one: body for one, (_, body) in answers.items()}
    return found


def answer(outside: Outside, token: str, path: str) -> tuple[int, bytes]:
    try:
        return 200, outside.get_bytes(token, path)
    except urllib.error.HTTPError as error:
        return error.code, error.read()
