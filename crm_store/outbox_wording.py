"""Why an e-mail is where it is, in the reader's language: what is so, and what helps."""

from collections.abc import Mapping

from crm_store.rules.outbox import OutboxReason, OutboxState
from crm_store.wording import DEFAULT_LOCALE

_ENGLISH: dict[OutboxReason, str] = {
    OutboxReason.UNDO: "It waits a moment, so that it can be taken back.",
    OutboxReason.SCHEDULED: "It is sent later, as asked.",
    OutboxReason.DAILY_LIMIT: "Gmail's limit of mails in 24 hours is reached; it goes when there is room again.",
    OutboxReason.SENDING_LIMIT: "Google takes no more mail of this account for now; it goes by itself.",
    OutboxReason.RATE_LIMITED: "The other side asked for a pause; it goes by itself.",
    OutboxReason.UNREACHABLE: "The other side does not answer just now; it is tried again by itself. Nothing has left.",
    OutboxReason.NEEDS_REAUTH: "It waits for its sender to sign in with Google again; nothing is lost.",
    OutboxReason.NOT_LEFT: "It was looked for in Sent and is not there, so it goes again.",
    OutboxReason.ANSWER_UNCLEAR: "Google told an error, and the mail may have left all the same. It is looked for.",
    OutboxReason.NO_ANSWER: "The answer got lost, so it is not known whether the mail has left. It is looked for.",
    OutboxReason.INTERRUPTED: "Sending was cut short, so it is not known whether the mail has left. It is looked for.",
    OutboxReason.DISCONNECTED: "The Gmail account was disconnected. Connect one, then try again.",
    OutboxReason.ACCOUNT_REPLACED: "Another Gmail account has taken the place of the one that it was written for.",
    OutboxReason.LEFT_LOCATION: "Its sender has left the location.",
    OutboxReason.PERMISSION_MISSING: "Google does not let us send. Sign in again, and leave all permissions ticked.",
    OutboxReason.NO_MAILBOX: "This Google account has no Gmail mailbox.",
    OutboxReason.REFUSED: "It was refused.",
    OutboxReason.RECIPIENTS_REFUSED: "Recipients were refused; check their addresses.",
    OutboxReason.SENDER_REFUSED: "The sender's address was refused.",
    OutboxReason.TOO_LARGE: "It is too large for the other side.",
    OutboxReason.NO_PROVIDER: "The location has no e-mail provider. An admin sets one up in the settings.",
    OutboxReason.PROVIDER_BUSY: "The location's e-mail provider does not take it for now; it is tried again by itself.",
    OutboxReason.PROVIDER_LOGIN: "The location's e-mail provider does not take the name and password of the settings.",
    OutboxReason.PROVIDER_TLS: "No safe connection to the location's e-mail provider: its encryption or certificate.",
    OutboxReason.RESOLVED: "Its sender said what became of it.",
    OutboxReason.BOUNCED: "It left, and came back as undeliverable.",
}

_INDONESIAN: dict[OutboxReason, str] = {
    OutboxReason.UNDO: "Email ini menunggu sebentar agar masih bisa dibatalkan.",
    OutboxReason.SCHEDULED: "Email ini dikirim nanti, sesuai permintaan.",
    OutboxReason.DAILY_LIMIT: "Batas Gmail dalam 24 jam tercapai; email ini dikirim bila ada tempat lagi.",
    OutboxReason.SENDING_LIMIT: "Google sementara tidak menerima email dari akun ini; pengiriman berlanjut sendiri.",
    OutboxReason.RATE_LIMITED: "Pihak lain meminta jeda; pengiriman berlanjut sendiri.",
    OutboxReason.UNREACHABLE: "Pihak lain sedang tidak menjawab; akan dicoba lagi sendiri. Belum ada yang terkirim.",
    OutboxReason.NEEDS_REAUTH: "Menunggu pengirimnya masuk lagi dengan Google; tidak ada yang hilang.",
    OutboxReason.NOT_LEFT: "Sudah dicari di Terkirim dan tidak ada, jadi dikirim lagi.",
    OutboxReason.ANSWER_UNCLEAR: "Google melaporkan kesalahan, tetapi email mungkin sudah terkirim. Sedang dicari.",
    OutboxReason.NO_ANSWER: "Jawabannya hilang, jadi belum diketahui apakah email sudah terkirim. Sedang dicari.",
    OutboxReason.INTERRUPTED: "Pengiriman terputus, jadi belum diketahui apakah email sudah terkirim. Sedang dicari.",
    OutboxReason.DISCONNECTED: "Akun Gmail diputuskan. Hubungkan sebuah akun, lalu coba lagi.",
    OutboxReason.ACCOUNT_REPLACED: "Akun Gmail lain telah menggantikan akun yang dipakai untuk menulisnya.",
    OutboxReason.LEFT_LOCATION: "Pengirimnya sudah keluar dari lokasi ini.",
    OutboxReason.PERMISSION_MISSING: "Google tidak mengizinkan pengiriman. Masuk lagi dengan semua izin tercentang.",
    OutboxReason.NO_MAILBOX: "Akun Google ini tidak memiliki kotak surat Gmail.",
    OutboxReason.REFUSED: "Email ini ditolak.",
    OutboxReason.RECIPIENTS_REFUSED: "Ada penerima yang ditolak; periksa alamatnya.",
    OutboxReason.SENDER_REFUSED: "Alamat pengirimnya ditolak.",
    OutboxReason.TOO_LARGE: "Email ini terlalu besar bagi pihak penerima.",
    OutboxReason.NO_PROVIDER: "Lokasi ini belum punya penyedia email. Admin dapat mengaturnya di pengaturan.",
    OutboxReason.PROVIDER_BUSY: "Penyedia email lokasi belum menerimanya; akan dicoba lagi sendiri.",
    OutboxReason.PROVIDER_LOGIN: "Penyedia email lokasi tidak menerima nama dan kata sandi dari pengaturan.",
    OutboxReason.PROVIDER_TLS: "Tidak ada sambungan aman ke penyedia email lokasi: enkripsi atau sertifikatnya.",
    OutboxReason.RESOLVED: "Pengirimnya sudah menyatakan apa yang terjadi.",
    OutboxReason.BOUNCED: "Email ini sudah dikirim, lalu kembali karena tidak dapat disampaikan.",
}
_REASONS = {"en": _ENGLISH, "id": _INDONESIAN}
_OF_ANOTHER_VERSION = {
    "en": "A newer version of this program says so, for a reason that this one has no words for.",
    "id": "Versi program yang lebih baru menyatakannya, dengan alasan yang belum dikenal versi ini.",
}
_COUNTED: dict[str, dict[OutboxState, str]] = {
    "en": {
        OutboxState.WAITING: "{count} of {total} wait",
        OutboxState.SENDING: "{count} of {total} are being sent",
        OutboxState.UNKNOWN: "of {count} of {total} it is not known whether they have left",
        OutboxState.FAILED: "{count} of {total} failed",
        OutboxState.CANCELLED: "{count} of {total} were cancelled",
    },
    "id": {
        OutboxState.WAITING: "{count} dari {total} menunggu",
        OutboxState.SENDING: "{count} dari {total} sedang dikirim",
        OutboxState.UNKNOWN: "{count} dari {total} belum diketahui apakah sudah terkirim",
        OutboxState.FAILED: "{count} dari {total} gagal",
        OutboxState.CANCELLED: "{count} dari {total} dibatalkan",
    },
}


def reason_sentence(reason: str, detail: str, locale: str | None) -> str:
    """reason: a word of OutboxReason, or of a newer version's. detail: what the other side said; "" for nothing."""
    language = _language(locale)
    words = _REASONS[language]
    sentence = words[OutboxReason(reason)] if reason in words else _OF_ANOTHER_VERSION[language]
    return f"{sentence} ({detail})" if detail else sentence


def email_sentence(
    state: OutboxState, counts: Mapping[OutboxState, int], reason: str | None, detail: str, locale: str | None
) -> str | None:
    """What there is to tell of an e-mail; of several deliveries how many are in this state. None for nothing."""
    total, why = sum(counts.values()), None if reason is None else reason_sentence(reason, detail, locale)
    counted = _COUNTED[_language(locale)].get(state)
    if total == 1 or counted is None:
        return why
    told = counted.format(count=counts[state], total=total)
    told = told[:1].upper() + told[1:]
    return f"{told}." if why is None else f"{told}: {why}"


def _language(locale: str | None) -> str:
    return locale if locale in _REASONS else DEFAULT_LOCALE
