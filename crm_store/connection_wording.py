"""Why a connection does not simply work, in the reader's language: what is so, and what helps."""

from crm_store.rules.connection import ConnectionProblem
from crm_store.wording import DEFAULT_LOCALE

_ENGLISH: dict[ConnectionProblem, str] = {
    ConnectionProblem.ACCESS_REVOKED: (
        "Google no longer lets us in: the password was changed, or the access was taken away or has expired. "
        "Sign in with Google again; nothing of the meantime is lost."
    ),
    ConnectionProblem.SESSION_POLICY: (
        "Your organisation asks you to sign in with Google again; nothing of the meantime is lost."
    ),
    ConnectionProblem.ADMIN_POLICY: (
        "The administrator of your Google Workspace does not allow this program. Ask them to, then sign in again."
    ),
    ConnectionProblem.NO_MAILBOX: "This Google account has no Gmail mailbox.",
    ConnectionProblem.MISSING_PERMISSION: (
        "A permission is missing. Sign in with Google again, and leave all permissions ticked."
    ),
    ConnectionProblem.CONTACTS_PERMISSION: (
        "Mail is followed, but Google does not let us read your contacts. "
        "Sign in with Google again, and leave all permissions ticked."
    ),
    ConnectionProblem.READ_STATE_PERMISSION: (
        "Mail is followed, but Google does not let us mark as read in Gmail what you read here. "
        "Sign in with Google again, and leave all permissions ticked."
    ),
    ConnectionProblem.RATE_LIMITED: "Google asked for a pause; it goes on by itself.",
    ConnectionProblem.PROJECT_LIMITED: (
        "Google's limit for this whole installation is reached. It goes on by itself; its operator can look into it."
    ),
    ConnectionProblem.KEY_MISSING: (
        "The secret key that protects the access to this account is missing in this installation. Its operator has to "
        "bring it back, or you sign in with Google again; nothing of the meantime is lost."
    ),
    ConnectionProblem.UNREACHABLE: "Google does not answer just now; it is tried again by itself.",
    ConnectionProblem.NO_PUSH: (
        "Google does not announce new mail to this installation, most likely as another one uses the same Google "
        "project. Mail is still found, by looking regularly; its operator finds more in the log."
    ),
}

_INDONESIAN: dict[ConnectionProblem, str] = {
    ConnectionProblem.ACCESS_REVOKED: (
        "Google tidak lagi memberi kami akses: kata sandi diganti, atau izinnya dicabut atau kedaluwarsa. "
        "Masuk lagi dengan Google; tidak ada email yang hilang selama itu."
    ),
    ConnectionProblem.SESSION_POLICY: (
        "Organisasi Anda meminta Anda masuk lagi dengan Google; tidak ada email yang hilang selama itu."
    ),
    ConnectionProblem.ADMIN_POLICY: (
        "Administrator Google Workspace Anda tidak mengizinkan program ini. Mintalah izinnya, lalu masuk lagi."
    ),
    ConnectionProblem.NO_MAILBOX: "Akun Google ini tidak memiliki kotak surat Gmail.",
    ConnectionProblem.MISSING_PERMISSION: (
        "Ada izin yang kurang. Masuk lagi dengan Google, dan biarkan semua izin tercentang."
    ),
    ConnectionProblem.CONTACTS_PERMISSION: (
        "Email tetap disinkronkan, tetapi Google tidak mengizinkan kami membaca kontak Anda. "
        "Masuk lagi dengan Google, dan biarkan semua izin tercentang."
    ),
    ConnectionProblem.READ_STATE_PERMISSION: (
        "Email tetap disinkronkan, tetapi Google tidak mengizinkan kami menandai terbaca di Gmail email yang Anda baca "
        "di sini. Masuk lagi dengan Google, dan biarkan semua izin tercentang."
    ),
    ConnectionProblem.RATE_LIMITED: "Google meminta jeda; sinkronisasi berlanjut dengan sendirinya.",
    ConnectionProblem.PROJECT_LIMITED: (
        "Batas Google untuk seluruh instalasi ini tercapai. Sinkronisasi berlanjut sendiri; operator bisa memeriksanya."
    ),
    ConnectionProblem.KEY_MISSING: (
        "Kunci rahasia yang melindungi akses ke akun ini tidak ada di instalasi ini. Operator harus mengembalikannya, "
        "atau Anda masuk lagi dengan Google; tidak ada email yang hilang selama itu."
    ),
    ConnectionProblem.UNREACHABLE: "Google sedang tidak menjawab; akan dicoba lagi dengan sendirinya.",
    ConnectionProblem.NO_PUSH: (
        "Google tidak memberitahukan email baru ke instalasi ini, kemungkinan besar karena instalasi lain memakai "
        "proyek Google yang sama. Email tetap ditemukan dengan pemeriksaan berkala; operator melihat sebabnya di log."
    ),
}
_OF_ANOTHER_VERSION = {
    "en": "Something is wrong that this version of the program has no words for.",
    "id": "Ada masalah yang belum dikenal oleh versi program ini.",
}
_PROBLEMS = {"en": _ENGLISH, "id": _INDONESIAN}


def problem_sentence(problem: str, locale: str | None) -> str:
    """problem: a word of ConnectionProblem, or of a newer version's. locale: English for one that we don't speak."""
    language = locale if locale in _PROBLEMS else DEFAULT_LOCALE
    words = _PROBLEMS[language]
    return words[ConnectionProblem(problem)] if problem in words else _OF_ANOTHER_VERSION[language]
