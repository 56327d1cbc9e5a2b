"""Why mail did not arrive, in the reader's language and in words that need no knowledge of mail systems."""

from collections.abc import Sequence

from crm_store.mail.automatic.cause import Cause
from crm_store.rules.states import DeliveryState
from crm_store.wording import DEFAULT_LOCALE

_SHOWN = 3  # recipients that are told one by one; a mail to a thousand has its list below

_ENGLISH: dict[Cause, str] = {
    Cause.MAILBOX_UNKNOWN: "there is no such mailbox; check the address for typing errors",
    Cause.MAILBOX_FULL: "the mailbox is full",
    Cause.MAILBOX_OFF: "the mailbox is switched off, or takes no mail",
    Cause.MAILBOX_MOVED: "the mailbox has moved, and its new address was not told",
    Cause.DOMAIN_UNKNOWN: "the domain of the address does not exist, or takes no mail",
    Cause.TOO_LARGE: "the mail is too large",
    Cause.BLOCKED: "the other side blocks our mail server or our domain",
    Cause.NOT_AUTHENTICATED: "the other side could not verify the sender (SPF, DKIM or DMARC)",
    Cause.POLICY: "the other side does not allow this mail",
    Cause.CONTENT: "the other side took it for spam, or refused something in it",
    Cause.TOO_MUCH_MAIL: "too much mail at once; the other side wants to be left alone for a while",
    Cause.LOOP: "the mail went round in circles",
    Cause.UNREACHABLE: "the mail server of the other side could not be reached",
    Cause.EXPIRED: "it was tried for too long without success",
    Cause.SYSTEM: "the mail server of the other side has a problem",
    Cause.TEMPORARY: "the other side could not take it for now",
    Cause.UNKNOWN: "the other side does not say why",
}

_INDONESIAN: dict[Cause, str] = {
    Cause.MAILBOX_UNKNOWN: "kotak surat itu tidak ada; periksa apakah alamatnya salah ketik",
    Cause.MAILBOX_FULL: "kotak suratnya penuh",
    Cause.MAILBOX_OFF: "kotak suratnya dinonaktifkan, atau tidak menerima email",
    Cause.MAILBOX_MOVED: "kotak suratnya sudah pindah, dan alamat barunya tidak disebutkan",
    Cause.DOMAIN_UNKNOWN: "domain alamat itu tidak ada, atau tidak menerima email",
    Cause.TOO_LARGE: "emailnya terlalu besar",
    Cause.BLOCKED: "pihak penerima memblokir server email atau domain kita",
    Cause.NOT_AUTHENTICATED: "pihak penerima tidak dapat memastikan pengirimnya (SPF, DKIM, atau DMARC)",
    Cause.POLICY: "pihak penerima tidak mengizinkan email ini",
    Cause.CONTENT: "pihak penerima menganggapnya spam, atau menolak sesuatu di dalamnya",
    Cause.TOO_MUCH_MAIL: "terlalu banyak email sekaligus; pihak penerima minta jeda",
    Cause.LOOP: "email ini berputar-putar tanpa sampai",
    Cause.UNREACHABLE: "server email penerima tidak dapat dihubungi",
    Cause.EXPIRED: "sudah terlalu lama dicoba tanpa hasil",
    Cause.SYSTEM: "server email penerima sedang bermasalah",
    Cause.TEMPORARY: "pihak penerima belum dapat menerimanya untuk saat ini",
    Cause.UNKNOWN: "pihak penerima tidak menyebutkan alasannya",
}
_CAUSES = {"en": _ENGLISH, "id": _INDONESIAN}
_SENTENCES = {
    "en": {
        DeliveryState.FAILED: "Not delivered to {address}: {cause}{status}.",
        DeliveryState.DELAYED: "Not yet delivered to {address}, and still tried: {cause}{status}.",
    },
    "id": {
        DeliveryState.FAILED: "Tidak terkirim ke {address}: {cause}{status}.",
        DeliveryState.DELAYED: "Belum terkirim ke {address}, dan masih dicoba: {cause}{status}.",
    },
}
_MORE = {"en": "And {count} more.", "id": "Dan {count} lagi."}


def cause_words(cause: str, locale: str | None) -> str:
    """cause: a word of Cause, or of a newer version's. locale: English for one that we don't speak."""
    words = _CAUSES.get(locale or DEFAULT_LOCALE, _ENGLISH)
    return words[Cause(cause)] if cause in words else words[Cause.UNKNOWN]


def delivery_sentence(told: Sequence[tuple[str, str, str, str]], locale: str | None) -> str:
    """told: (address, state, status, cause) of each recipient, whom to tell of first in front."""
    language = locale if locale in _CAUSES else DEFAULT_LOCALE
    sentences = [
        _SENTENCES[language][DeliveryState(state)].format(
            address=address, cause=cause_words(cause, language), status=f" ({status})" if status else ""
        )
        for address, state, status, cause in told[:_SHOWN]
    ]
    if len(told) > _SHOWN:
        sentences.append(_MORE[language].format(count=len(told) - _SHOWN))
    return " ".join(sentences)
