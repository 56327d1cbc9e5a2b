"""What many write first: list the mailbox, then get each message in full, one by one. The peer of syncing.py."""

import json
from urllib.request import Request, urlopen


def fetch_all(gmail_url: str, access_token: str) -> int:
    """How many messages there were."""

    def ask(path: str) -> dict[str, list[dict[str, str]]]:
        request = Request(f"{gmail_url}/gmail/v1/users/me/{path}", headers={"Authorization": f"Bearer {access_token}"})
        with urlopen(request, timeout=30) as reply:
            answer: dict[str, list[dict[str, str]]] = json.load(reply)
        return answer

    named = ask("messages?maxResults=500").get("messages", [])
    for one in named:
        ask(f"messages/{one['id']}?format=full")
    return len(named)
