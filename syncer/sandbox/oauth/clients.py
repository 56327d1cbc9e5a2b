"""OAuth clients, as an operator makes them in the Cloud console."""

import json
import secrets
from dataclasses import dataclass

from syncer.sandbox.store import Store

DEFAULT_ID = "sandbox.apps.googleusercontent.com"
DEFAULT_SECRET = "sandbox-secret"  # noqa: S105 - of the stand-in; it is printed at its start


@dataclass(frozen=True, slots=True)
class Client:
    """redirect_uris: () allows any, which Google never does."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...]


def save(store: Store, client: Client) -> None:
    """A new one, or new values of it."""
    store.run(
        "insert or replace into clients values (?, ?, ?)", client.id, client.secret, json.dumps(client.redirect_uris)
    )


def find(store: Store, client_id: str) -> Client | None:
    """The default client needs no making."""
    row = store.row("select * from clients where id = ?", client_id)
    if row:
        return Client(row["id"], row["secret"], tuple(json.loads(row["redirect_uris"])))
    return Client(DEFAULT_ID, DEFAULT_SECRET, ()) if client_id == DEFAULT_ID else None


def known_by_secret(store: Store, client_id: str, secret: str) -> Client | None:
    """The client, if the secret is its own."""
    client = find(store, client_id)
    return client if client and secrets.compare_digest(client.secret.encode(), secret.encode()) else None


def allows(client: Client, redirect_uri: str) -> bool:
    return redirect_uri in client.redirect_uris if client.redirect_uris else redirect_uri.startswith("http")
