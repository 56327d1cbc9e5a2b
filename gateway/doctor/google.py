"""Can people connect Gmail, and does Google know this installation?"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from crm_store.settings import Settings
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.google.client import GoogleClient
from gateway.google.consent import CALLBACK_PATH
from gateway.google.errors import GoogleRefused, GoogleUnavailable

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_CLIENT_SUFFIX = ".apps.googleusercontent.com"
_URLS = ("auth", "token", "revoke", "userinfo", "certs", "gmail", "people")


def check_google(settings: Settings) -> list[Finding]:
    if not settings.has_google_client:
        return [ok("google", "no Google client is set, so nobody can connect Gmail; deploy/google.md shows how")]
    return [*judge_google(settings), *judge_keys(settings), _ask_google(settings)]


def judge_google(settings: Settings) -> list[Finding]:
    """What the settings say by themselves; empty where nothing is odd."""
    findings = [*_judge_redirect(settings), *_judge_push(settings)]
    asks_google = settings.google_auth_url == Settings.model_fields["google_auth_url"].default
    if asks_google and not settings.google_client_id.endswith(_CLIENT_SUFFIX):
        found = f"SUNNYDAY_GOOGLE_CLIENT_ID does not end with {_CLIENT_SUFFIX}"
        findings.append(wrong("google", found, "Copy it from the Google Cloud console: APIs & Services, Credentials"))
    open_ones = [name for name in _URLS if _is_open(str(getattr(settings, f"google_{name}_url")))]
    if open_ones:
        named = ", ".join(f"SUNNYDAY_GOOGLE_{name.upper()}_URL" for name in open_ones)
        found = f"http and not of this machine: {named}; who is in between reads tokens and mail"
        findings.append(warning("google", found, "Use https, or leave it out for Google's own"))
    return findings


def judge_keys(settings: Settings) -> list[Finding]:
    if settings.secret_keys or settings.sqlite_path is not None:
        return []
    found = "tokens are sealed with a key that only this machine has, in SUNNYDAY_DATA, and the database is elsewhere"
    mend = "Put the content of secret.key into SUNNYDAY_SECRET_KEYS on every machine, and keep a copy of it"
    return [warning("secret-keys", found, mend)]


def _judge_redirect(settings: Settings) -> list[Finding]:
    """What Google takes for a redirect URI: https with a name of the public DNS, or this very machine."""
    uri = settings.base_url + CALLBACK_PATH
    parts = urlsplit(uri)
    host = parts.hostname or ""
    if host in _LOOPBACK_NAMES:
        return [] if settings.public_url else [_only_here(uri)]
    mend = "Set SUNNYDAY_PUBLIC_URL to the https address that people use, and register it with /oauth/google/callback"
    if parts.scheme != "https":
        return [wrong("google", f"Google sends nobody back to {uri}: it is not https", mend)]
    if _is_address(host) or "." not in host:
        return [wrong("google", f"Google sends nobody back to {uri}: it wants a public domain name", mend)]
    return []


def _only_here(uri: str) -> Finding:
    found = f"people are sent back from Google to {uri}, which works in a browser on this machine alone"
    return warning("google", found, "Set SUNNYDAY_PUBLIC_URL to the address that people use")


def _judge_push(settings: Settings) -> list[Finding]:
    if settings.google_pubsub_topic and not settings.google_pubsub_account:
        found = "SUNNYDAY_GOOGLE_PUBSUB_TOPIC is set without SUNNYDAY_GOOGLE_PUBSUB_ACCOUNT: no push can be believed"
        return [wrong("google", found, "Set it to the service account of the push subscription (deploy/google.md)")]
    return []


def _ask_google(settings: Settings) -> Finding:
    """With a code that is none: what Google says to that tells whether it knows the client."""
    try:
        GoogleClient(settings).exchange("doctor", "doctor", settings.base_url + CALLBACK_PATH)
    except GoogleUnavailable as error:
        mend = "Look at this machine's way out to the internet (firewall, proxy) and at SUNNYDAY_GOOGLE_TOKEN_URL"
        return warning("google", f"{settings.google_token_url} does not answer: {error}", mend)
    except GoogleRefused as refused:
        if refused.error in ("invalid_client", "unauthorized_client"):
            mend = "Copy SUNNYDAY_GOOGLE_CLIENT_ID and SUNNYDAY_GOOGLE_CLIENT_SECRET from the Google Cloud console"
            return wrong("google", "Google does not know this client, or its secret is another one", mend)
        if refused.error == "redirect_uri_mismatch":
            mend = f"Register {settings.base_url + CALLBACK_PATH} with the client in the Google Cloud console"
            return wrong("google", "the client has another redirect URI", mend)
    return ok("google", "Google knows the client")


def _is_open(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK_NAMES


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
