"""The main job through the real doors: SMTP, HTTP and the command line. It imports nothing of the product.

`make demo` stays up for a look around; `make demo ONCE=1` ends after the last step, with 0 only if each was as it
should be."""

import argparse
import secrets
import shutil
import signal
import sys

import bcc
import gmail
from crm import Place
from doors import DATA, Product, environment, serving
from stand_in import ANI, StandIn, standing_in
from telling import OffError, done, step


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--once", action="store_true", help="end after the last step")
    once = arguments.parse_args().once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    password = secrets.token_urlsafe(9)
    environ = environment()
    try:
        with standing_in(environ) as google, serving({**environ, **google.settings}) as product:
            play(product, google, password)
            print("\nAll as it should be.", flush=True)
            if not once:
                tell_where_to_look(product, google, password)
                product.process.wait()
    except OffError as off:
        print(f"\n  ✗ {off}\n    The logs: {DATA}/serve.log, {DATA}/sandbox.log", flush=True)
        return 1
    return 0


def play(product: Product, google: StandIn, password: str) -> None:
    here, user = set_up(product, password)
    first, conversation = bcc.a_new_prospect(product, here)
    bcc.a_thread_goes_on(product, here, first, conversation)
    bcc.several_recipients(product, here)
    bcc.mail_among_colleagues(product, here)
    bcc.a_stranger_is_held_and_approved(product, here)
    connection = gmail.connect(product, google, user, password)
    arrived = gmail.an_answer_arrives(product, google, conversation, first)
    gmail.an_answer_is_sent(product, google, conversation, arrived)
    gmail.a_mail_is_sent_from_the_crm(product, google, here, user, conversation, arrived)
    in_sent = gmail.a_prospect_by_both_paths(product, google, here)
    gmail.mail_of_nobody_we_know(product, google)
    gmail.nothing_is_missed(product, google, connection, in_sent)
    bcc.two_locations(product, here, user)
    bcc.what_does_not_exist(product, here)


def set_up(product: Product, password: str) -> tuple[Place, str]:
    step("A location, two users and a token, by the command line")
    location = product.command("location", "add", "Toko Ani")["id"]
    user = add_user(product, "ani@tokoani.example", "Ani Lestari", location, "admin", password)
    add_user(product, "bagus@tokoani.example", "Bagus", location, "user")
    product.token = product.command("token", "create", "--user", user, "--admin")["token"]
    done(f"location {location}, user {user}")

    step("Ani's BCC address, by the API")
    place = Place(location, product.get(f"/locations/{location}/members/{user}/bcc-address")["address"])
    done(place.address)
    return place, user


def add_user(product: Product, email: str, name: str, location: str, role: str, password: str = "") -> str:
    words = ["user", "add", email, "--name", name, "--location", location, "--role", role]
    if password:
        words.append("--password-stdin")
    return str(product.command(*words, given=password + "\n")["id"])


def tell_where_to_look(product: Product, google: StandIn, password: str) -> None:
    print("Look around, until Ctrl-C stops it:")
    for what, where in (
        ("Ani's settings", f"{product.url}/l/1/settings/email   as ani@tokoani.example, password {password}"),
        ("mailboxes", f"{google.url}/sandbox   write to {ANI}, and see the counts move"),
        ("API", f"{product.url}/api/v1/openapi.json   token {product.token}"),
    ):
        print(f"  {what:<15} {where}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
