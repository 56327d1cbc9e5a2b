"""From Connect, Update and "sign in again" through Google's consent to a connection, and its end (rules A1–A5, A7).

No database connection is held while Google is asked."""

from dataclasses import dataclass

import structlog

from crm_store import connecting, connections, google_logins, members, oauth_flows, revocations
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.connecting import Grant
from crm_store.database.session import connected
from crm_store.errors import Conflict, Invalid
from crm_store.oauth_flows import About, Beginner, Flow, FlowRefused
from crm_store.rules import permissions
from crm_store.rules.connection import padded_cursor
from crm_store.rules.oauth_flow import BegunBy, FlowKind
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from gateway.google.client import GoogleClient
from gateway.google.ending import Ending, Question, Word
from gateway.google.errors import GoogleRefused, GoogleUnavailable, NoMailbox
from gateway.google.replies import Tokens

CALLBACK_PATH = "/oauth/google/callback"
NOT_SET_UP = (
    "this installation has no Google client yet: whoever runs it sets SUNNYDAY_GOOGLE_CLIENT_ID and "
    "SUNNYDAY_GOOGLE_CLIENT_SECRET, as deploy/google.md shows"
)
# Google's words for "your organisation does not let you" (facts/gmail.md 1.7).
_FORBIDDEN = frozenset({"admin_policy_enforced", "org_internal", "domainPolicy"})
# For a process that dies between exchange and commit; longer than any callback takes.
_SAFETY_MS = 15 * 60_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Return:
    """What comes back from Google: a code, or an error in its word."""

    state: str
    code: str | None
    error: str | None


class Consent:
    """One for the whole process; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sealer = Sealer.of(settings)
        self._google = GoogleClient(settings)

    @property
    def is_set_up(self) -> bool:
        return self._settings.has_google_client

    @property
    def redirect_uri(self) -> str:
        """What is to be registered with Google."""
        return self._settings.base_url + CALLBACK_PATH

    def connect(self, access: Access, user_id: int, location_id: int, *, session_id: int | None = None) -> str:
        """A1: where the person consents; the connection is to be user_id's, with Google contacts going to location_id.

        session_id: of the page that it begins on; None where a token asks.
        Raises: NotFound, Forbidden, Invalid, Conflict where Google is not set up. Call with a database connection."""
        connections.require_own(access, user_id)
        self.require_set_up()
        if not members.works_in(user_id, location_id):
            raise Invalid("location_id", "is to be a location in which the user works")
        return self._begin(access, About(FlowKind.CONNECT, user_id, location_id), None, session_id)

    def update(
        self, access: Access, connection_id: int, *, kind: FlowKind = FlowKind.UPDATE, session_id: int | None = None
    ) -> str:
        """A3, A5: likewise, for a connection that is there. Raises: NotFound, Conflict."""
        place = connections.place_of(access, connection_id)
        self.require_set_up()
        about = About(kind, place.user_id, place.location_id, (place.row_id, place.epoch))
        return self._begin(access, about, place.email if kind is FlowKind.REAUTH else None, session_id)

    def disconnect(self, access: Access, connection_id: int) -> None:
        """A4. What Google could not be told now the syncer's sweep tells it. Raises: NotFound."""
        with connected():
            ids = connections.disconnect(access, connection_id, self._sealer, now_ms=now_ms())
        for revocation_id in ids:
            self._revoke(revocation_id)

    def come_back(self, returned: Return, session_id: int | None) -> Ending | Question:
        """The callback. session_id: of the browser that comes back; None where nobody is signed in there."""
        try:
            with connected():
                flow = oauth_flows.take(returned.state, session_id, self._sealer, now_ms=now_ms())
                if returned.code is not None and returned.error is None and flow.begun_by is BegunBy.TOKEN:
                    answer = oauth_flows.ask_once_more(flow, returned.code, self._sealer, now_ms=now_ms())
                    return Question(flow, answer)
        except FlowRefused as refused:
            return Ending(Word(refused.refusal.value))
        if returned.error is not None or returned.code is None:
            log.info("consent_not_given", flow_id=flow.id)
            return _ending(flow, _word_of(returned.error or ""))
        return self._finish(flow, returned.code)

    def answered(self, answer: str, *, agreed: bool) -> Ending:
        """What the person said to the Question."""
        try:
            with connected():
                flow, code = oauth_flows.confirmed(answer, self._sealer, now_ms=now_ms())
        except FlowRefused as refused:
            return Ending(Word(refused.refusal.value))
        return self._finish(flow, code) if agreed else _ending(flow, Word.DECLINED)

    def require_set_up(self) -> None:
        """Raises: Conflict."""
        if not self.is_set_up:
            raise Conflict(NOT_SET_UP)

    def _begin(self, access: Access, about: About, login_hint: str | None, session_id: int | None) -> str:
        by = BegunBy.ADMIN if access.installation_admin else BegunBy.TOKEN
        beginner = Beginner(access.user_id, by if session_id is None else BegunBy.SESSION, session_id)
        begun = oauth_flows.begin(about, beginner, self.redirect_uri, self._sealer, now_ms=now_ms())
        return self._google.authorization_url(begun.state, begun.verifier, self.redirect_uri, login_hint=login_hint)

    def _finish(self, flow: Flow, code: str) -> Ending:
        try:
            tokens = self._google.exchange(code, flow.verifier, flow.redirect_uri)
            return self._with(flow, tokens, now_ms())
        except NoMailbox:
            return _ending(flow, Word.NO_MAILBOX)
        except GoogleRefused as refused:
            log.info("google_refused", flow_id=flow.id, error=refused.error)
            return _ending(flow, _word_of(refused.error))
        except GoogleUnavailable as error:
            log.warning("google_away", flow_id=flow.id, error=str(error))
            return _ending(flow, Word.GOOGLE_AWAY)

    def _with(self, flow: Flow, tokens: Tokens, at_ms: int) -> Ending:
        """What the grant is good for. One that is not kept is given back, also where we die half-way."""
        access_token = tokens.access_token.get_secret_value()
        google_sub = self._google.who(access_token).sub
        safety = self._note(google_sub, tokens)
        kept = False
        try:
            scopes = permissions.granted(tokens.scope)
            if missing := permissions.missing(scopes):
                return _ending(flow, Word.MISSING_PERMISSIONS, missing=missing)
            grant = self._grant(google_sub, tokens, scopes, at_ms)
            with connected():
                ended = connecting.connect(flow, grant, safety, self._sealer, now_ms=now_ms())
                if ended.connection_id is not None and _by_themselves(flow):
                    google_logins.proved(flow.about.user_id, google_sub, grant.email, now_ms=now_ms())
            kept = ended.connection_id is not None
            return _ending(flow, Word(ended.outcome.value), connection_id=ended.connection_id)
        finally:
            if not kept:
                self._give_back(safety)

    def _grant(self, google_sub: str, tokens: Tokens, scopes: frozenset[str], at_ms: int) -> Grant:
        access_token = tokens.access_token.get_secret_value()
        profile = self._google.profile(access_token)  # the cursor, before anything is read (A6)
        return Grant(
            google_sub=google_sub,
            email=profile.email_address,
            scopes=scopes,
            first_cursor=_cursor(profile.history_id),
            first_cursor_at_ms=profile.at_ms,
            aliases=self._aliases(access_token),
            refresh_token=tokens.refresh_token.get_secret_value() if tokens.refresh_token else None,
            access_token=access_token,
            access_token_until_ms=at_ms + tokens.expires_in * 1000,
        )

    def _aliases(self, access_token: str) -> tuple[str, ...]:
        """Verified ones. None where Google does not tell now: the syncer asks again."""
        try:
            listed = self._google.send_as(access_token)
        except (GoogleRefused, GoogleUnavailable):
            log.warning("aliases_not_read")
            return ()
        return tuple(one.address for one in listed.send_as if one.is_verified)

    def _note(self, google_sub: str, tokens: Tokens) -> int:
        """A revocation for later, in case that we die. It is dropped where the account has a live connection."""
        token = tokens.refresh_token or tokens.access_token
        at_ms = now_ms()
        with connected():
            return revocations.add(
                google_sub, token.get_secret_value(), self._sealer, next_try_at_ms=at_ms + _SAFETY_MS, now_ms=at_ms
            )

    def _give_back(self, revocation_id: int) -> None:
        with connected():
            revocations.hurry(revocation_id, now_ms=now_ms())
        self._revoke(revocation_id)

    def _revoke(self, revocation_id: int) -> None:
        with connected():
            taken = revocations.take(revocation_id, self._sealer, now_ms=now_ms())
        if taken is None:
            return
        self._stop_watch(revocation_id, taken.token)
        try:
            self._google.revoke(taken.token)
        except GoogleUnavailable:
            log.warning("not_revoked_yet", revocation_id=revocation_id)
            return
        with connected():
            revocations.done(revocation_id)

    def _stop_watch(self, revocation_id: int, token: str) -> None:
        """What can't be ended now ends by itself within 7 days."""
        if not self._settings.asks_for_pushes:
            return
        try:
            self._google.stop_watch(token)
        except (GoogleRefused, GoogleUnavailable):
            log.warning("watch_not_stopped", revocation_id=revocation_id)


def _ending(
    flow: Flow, word: Word, *, connection_id: int | None = None, missing: tuple[permissions.Permission, ...] = ()
) -> Ending:
    return Ending(word, connection_id, missing, flow.about.user_id, flow.about.location_id)


def _by_themselves(flow: Flow) -> bool:
    """Who was signed in here as this user was, in the same browser, signed in at Google."""
    return flow.begun_by is BegunBy.SESSION and flow.begun_by_user_id == flow.about.user_id


def _word_of(error: str) -> Word:
    if error == "access_denied":
        return Word.CANCELLED
    return Word.ORGANISATION_FORBIDS if error in _FORBIDDEN else Word.GOOGLE_REFUSED


def _cursor(history_id: str | int) -> str:
    try:
        return padded_cursor(history_id)
    except ValueError:
        raise GoogleUnavailable("a history id that is none") from None
