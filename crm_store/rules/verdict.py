"""Who vouches for the sender of one mail, as facts and one sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Authenticity(StrEnum):
    AUTHENTICATED = "authenticated"
    NOT_AUTHENTICATED = "not-authenticated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """spf, dkim, dmarc: result words of RFC 8601 §2.7, "none" where not looked at. sentence: for people, in English."""

    authenticity: Authenticity
    sentence: str
    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"

    @property
    def authenticated(self) -> bool:
        return self.authenticity is Authenticity.AUTHENTICATED
