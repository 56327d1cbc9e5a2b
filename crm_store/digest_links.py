"""The address in each digest by which its reader switches it off without signing in (RFC 8058). Sealed for one user: it
can't be made, nor changed to another's; it works for as long as its key does."""

from crm_store.errors import NotFound
from crm_store.sealing import SealedAt, Sealer, Unopenable
from crm_store.settings import Settings

PATH = "/digest"
_MEANS = "digest off"
_TO_ADDRESS, _FROM_ADDRESS = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")


class DigestLinks:
    """For one process; its keys are read when the first link is made or opened."""

    def __init__(self, base_url: str, sealer: Sealer) -> None:
        self._base_url, self._sealer = base_url, sealer

    @classmethod
    def of(cls, settings: Settings) -> "DigestLinks":
        return cls(settings.base_url, Sealer.of(settings))

    def address(self, user_id: int) -> str:
        sealed = self._sealer.seal(_MEANS, _sealed_at(user_id)).translate(_TO_ADDRESS)
        return f"{self._base_url}{PATH}/{user_id}.{sealed}"

    def user_of(self, token: str) -> int:
        """Whose link it is. token: what stands behind PATH. Raises: NotFound for none of ours."""
        number, _, sealed = token.partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            raise NotFound("no such link")
        try:
            meant = self._sealer.open(sealed.translate(_FROM_ADDRESS), _sealed_at(int(number)))
        except Unopenable as error:
            raise NotFound("no such link") from error
        if meant != _MEANS:
            raise NotFound("no such link")
        return int(number)


def _sealed_at(user_id: int) -> SealedAt:
    return SealedAt("crm_user", "digest_off_at_ms", user_id)
