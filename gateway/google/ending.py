"""How a way through Google's consent can end."""

from dataclasses import dataclass, field
from enum import StrEnum

from crm_store.connecting import Outcome
from crm_store.oauth_flows import Flow, FlowRefusal
from crm_store.rules.permissions import Permission


class Word(StrEnum):
    """The words of Outcome and FlowRefusal, and what else there is."""

    CONNECTED = Outcome.CONNECTED.value
    SIGNED_IN = Outcome.SIGNED_IN.value
    REPLACED = Outcome.REPLACED.value
    ACCOUNT_TAKEN = Outcome.ACCOUNT_TAKEN.value
    OTHER_ACCOUNT = Outcome.OTHER_ACCOUNT.value
    CHANGED_MEANWHILE = Outcome.CHANGED_MEANWHILE.value
    NOT_A_MEMBER = Outcome.NOT_A_MEMBER.value
    NO_LASTING_ACCESS = Outcome.NO_LASTING_ACCESS.value
    UNKNOWN = FlowRefusal.UNKNOWN.value
    EXPIRED = FlowRefusal.EXPIRED.value
    USED = FlowRefusal.USED.value
    OTHER_SESSION = FlowRefusal.OTHER_SESSION.value
    CANCELLED = "cancelled"  # at Google
    DECLINED = "declined"  # asked once more, the person said no
    MISSING_PERMISSIONS = "missing_permissions"  # A2
    NO_MAILBOX = "no_mailbox"
    ORGANISATION_FORBIDS = "organisation_forbids"
    SIGN_IN_LOST = "sign_in_lost"  # too late, another browser, or loaded again
    NO_SUCH_USER = "no_such_user"  # signed in at Google, and nobody here
    GOOGLE_AWAY = "google_away"
    GOOGLE_REFUSED = "google_refused"


SUCCESSES = frozenset({Word.CONNECTED, Word.SIGNED_IN, Word.REPLACED})


@dataclass(frozen=True, slots=True)
class Ending:
    """word: what came of it. connection_id: of the place, where there is one. missing: what is to be granted.

    user_id, location_id: what the flow was about; None where nobody knows it."""

    word: Word
    connection_id: int | None = None
    missing: tuple[Permission, ...] = ()
    user_id: int | None = None
    location_id: int | None = None

    @property
    def is_success(self) -> bool:
        return self.word in SUCCESSES


@dataclass(frozen=True, slots=True)
class Question:
    """Is it to be this CRM user's? A token began the flow, so nobody knows yet who sits before the page.

    answer: what the page's form carries back."""

    flow: Flow
    answer: str = field(repr=False)
