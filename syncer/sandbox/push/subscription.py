"""Where Pub/Sub pushes to, as an operator sets it up in the Cloud console."""

from dataclasses import dataclass


@dataclass(slots=True)
class Subscription:
    """endpoint: "" for none. audience: "" means the endpoint (OidcToken.audience's default). account: who signs.

    historyId goes out as a number if numbers is set, else as a string: both are seen (0.4). delay_ms, paused: pushes
    may come late or not at all; while paused they are dropped. per_second: "maximum notification rate of one event per
    second" per user, more are dropped; 0: no limit. attempts: how often one message is tried until it gets a 2xx."""

    endpoint: str = ""
    audience: str = ""
    account: str = "push@sandbox.iam.gserviceaccount.com"
    name: str = "projects/sandbox/subscriptions/gmail"
    numbers: bool = False
    paused: bool = False
    delay_ms: int = 0
    per_second: int = 1
    attempts: int = 3
    retry_ms: int = 1000
