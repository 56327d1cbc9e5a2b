"""POST /token: a code or a refresh token for an access token (RFC 6749 §4.1.3, §6; facts/gmail.md 1.8)."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote

from syncer.sandbox.google import Google
from syncer.sandbox.json_value import JsonObject
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.oauth import clients, codes, grants
from syncer.sandbox.oauth.clients import Client
from syncer.sandbox.oauth.grants import Grant
from syncer.sandbox.oauth.signing import ISSUER


class Refused(Exception):
    """error: the word of RFC 6749 §5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status

    def body(self) -> JsonObject:
        return {"error": self.error, "error_description": self.description}


def token_reply(google: Google, form: Mapping[str, str], authorization: str) -> JsonObject:
    """authorization: the header, for clients that send their secret there. Raises: Refused."""
    client = _client(google, form, authorization)
    match form.get("grant_type"):
        case "authorization_code":
            return _from_code(google, form, client)
        case "refresh_token":
            return _from_refresh_token(google, form, client)
        case other:
            raise Refused("unsupported_grant_type", f"Invalid grant_type: {other or ''}")


def account_email(google: Google, form: Mapping[str, str]) -> str:
    """Whose token is asked for; "" where that is not known. Faults and counters go by it."""
    row = google.store.row(
        "select account_id from grants where id in (select grant_id from codes where code = ? "
        "union select grant_id from refresh_tokens where token = ? union select grant_id from refresh_tokens "
        "where token = ? union select grant_id from access_tokens where token = ?)",
        form.get("code", ""),
        form.get("refresh_token", ""),
        form.get("token", ""),
        form.get("token", ""),
    )
    return accounts.by_id(google.store, row["account_id"]).email if row else ""


def _client(google: Google, form: Mapping[str, str], authorization: str) -> Client:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_request", "Could not parse the Authorization header.") from None
        client_id, secret = unquote(client_id), unquote(secret)
    if not client_id:
        raise Refused("invalid_request", "Could not determine client ID from request.")
    if clients.find(google.store, client_id) is None:
        raise Refused("invalid_client", "The OAuth client was not found.", 401)
    client = clients.known_by_secret(google.store, client_id, secret)
    if client is None:
        raise Refused("invalid_client", "Unauthorized" if secret else "client_secret is missing.", 401)
    return client


def _from_code(google: Google, form: Mapping[str, str], client: Client) -> JsonObject:
    now_ms = google.now_ms()
    code = codes.redeem(google.store, form.get("code", ""), now_ms)
    grant = grants.by_id(google.store, code.grant_id) if code else None
    if code is None or grant is None or grant.client_id != client.id:
        raise Refused("invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri", "") != code.redirect_uri:
        raise Refused("redirect_uri_mismatch", "Bad Request")
    verifier = form.get("code_verifier", "")
    if not codes.proves(code, verifier):
        raise Refused("invalid_grant", "Invalid code verifier." if verifier else "Missing code verifier.")
    reply = _reply(google, grant, code.scopes, code.nonce)
    if code.offline:
        reply["refresh_token"] = grants.new_refresh_token(google.store, grant, code.scopes, now_ms)
    return reply


def _from_refresh_token(google: Google, form: Mapping[str, str], client: Client) -> JsonObject:
    found = grants.refreshing(google.store, form.get("refresh_token", ""), client.id)
    if found is None:
        raise Refused("invalid_grant", "Token has been expired or revoked.")
    grant, scopes = found
    asked = set(form.get("scope", "").split())
    if asked - scopes:
        raise Refused("invalid_scope", "Some requested scopes were not granted.")
    return _reply(google, grant, asked or scopes, "")


def _reply(google: Google, grant: Grant, scopes: "set[str] | frozenset[str]", nonce: str) -> JsonObject:
    valid_s = google.behaviour.access_token_s
    reply: JsonObject = {
        "access_token": grants.new_access_token(google.store, grant, scopes, google.now_ms(), valid_s),
        "expires_in": valid_s,
        "scope": " ".join(sorted(scopes)),
        "token_type": "Bearer",
    }
    if "openid" in scopes:
        reply["id_token"] = _id_token(google, grant, nonce)
    return reply


def _id_token(google: Google, grant: Grant, nonce: str) -> str:
    """OpenID Connect Core §2; claims about the person as far as the grant's scopes go."""
    now_s = google.now_ms() // 1000
    account = accounts.by_id(google.store, grant.account_id)
    claims: JsonObject = {
        "iss": ISSUER,
        "azp": grant.client_id,
        "aud": grant.client_id,
        "sub": account.sub,
        "iat": now_s,
        "exp": now_s + 3600,
    }
    if any(scope.endswith("userinfo.email") for scope in grant.scopes):
        claims |= {"email": account.email, "email_verified": True}
    if any(scope.endswith("userinfo.profile") for scope in grant.scopes):
        claims |= {"name": account.name}
    if nonce:
        claims["nonce"] = nonce
    return google.key.token(claims)
