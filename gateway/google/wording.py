"""How a way through Google's consent ended, in the reader's language: what is so, and what to do next."""

from dataclasses import dataclass

from crm_store.rules.permissions import Permission
from gateway.google.ending import Word

_NOTHING = {"en": "Nothing was connected, and nothing has changed.", "id": "Tidak ada yang terhubung atau berubah."}


@dataclass(frozen=True, slots=True)
class Words:
    """title: what happened. advice: what to do next."""

    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """Of the page that asks once more. warning: for who was sent here by somebody else."""

    title: str
    advice: str
    warning: str
    agree: str
    decline: str


_QUESTIONS = {
    "en": QuestionWords(
        "Connect your Gmail to this CRM user?",
        "Mail between you and contacts of the CRM will be recorded there, readable for colleagues of:",
        "If you do not know who that is, or did not begin this yourself, do not connect.",
        "Yes, connect",
        "No, do not connect",
    ),
    "id": QuestionWords(
        "Hubungkan Gmail Anda dengan pengguna CRM ini?",
        "Email antara Anda dan kontak CRM akan dicatat di sana, dan dapat dibaca rekan-rekan dari:",
        "Jika Anda tidak mengenalnya, atau tidak memulainya sendiri, jangan hubungkan.",
        "Ya, hubungkan",
        "Tidak, jangan hubungkan",
    ),
}

_ENGLISH: dict[Word, Words] = {
    Word.CONNECTED: Words("Gmail is connected", "Mail with your contacts is recorded from this moment on."),
    Word.SIGNED_IN: Words("You are signed in with Google again", "The sync goes on where it stood."),
    Word.REPLACED: Words(
        "The other Gmail account is connected", "It has taken the place of the one before. History and settings stay."
    ),
    Word.ACCOUNT_TAKEN: Words(
        "This Google account is connected already",
        "One Google account has one connection. If it is yours, use Update or Sign in again there.",
    ),
    Word.OTHER_ACCOUNT: Words(
        "That was another Google account",
        "Sign in again with the account that is connected. To put another one in its place, use Update.",
    ),
    Word.CHANGED_MEANWHILE: Words(
        "The connection has changed meanwhile", "Look at it now, and begin again if you still want to."
    ),
    Word.NOT_A_MEMBER: Words(
        "You are no longer a member of this location", "Connect Gmail from a location in which you work."
    ),
    Word.NO_LASTING_ACCESS: Words(
        "Google gave no lasting access",
        "Remove this program's access at myaccount.google.com/permissions, then connect again.",
    ),
    Word.UNKNOWN: Words("This is not a way back from Google", "Begin again with Connect."),
    Word.EXPIRED: Words("That took too long", "Connecting has to be finished within 10 minutes. Begin again."),
    Word.USED: Words("This page was used already", "Look whether the account is connected; else begin again."),
    Word.OTHER_SESSION: Words(
        "This was begun in another browser", "Begin again here, or go on in the browser where it was begun."
    ),
    Word.CANCELLED: Words("You cancelled at Google", "Begin again whenever you want."),
    Word.DECLINED: Words("Not connected, as you decided", "If somebody sent you here, they cannot see your mail."),
    Word.MISSING_PERMISSIONS: Words(
        "A permission is missing", "Begin again, and leave all boxes ticked on Google's page. Missing is:"
    ),
    Word.NO_MAILBOX: Words("This Google account has no Gmail mailbox", "Choose an account that has one."),
    Word.ORGANISATION_FORBIDS: Words(
        "Your organisation does not allow this program",
        "Ask the administrator of your Google Workspace to allow it, then begin again.",
    ),
    Word.GOOGLE_AWAY: Words("Google does not answer just now", "Begin again in a few minutes."),
    Word.GOOGLE_REFUSED: Words(
        "Google refused",
        "Begin again. If it happens again, whoever runs this installation finds the reason in the log.",
    ),
}

_INDONESIAN: dict[Word, Words] = {
    Word.CONNECTED: Words("Gmail terhubung", "Email dengan kontak Anda dicatat mulai saat ini."),
    Word.SIGNED_IN: Words("Anda sudah masuk lagi dengan Google", "Sinkronisasi berlanjut dari posisi terakhir."),
    Word.REPLACED: Words(
        "Akun Gmail yang lain terhubung", "Akun ini menggantikan akun sebelumnya. Riwayat dan pengaturan tetap ada."
    ),
    Word.ACCOUNT_TAKEN: Words(
        "Akun Google ini sudah terhubung",
        "Satu akun Google memiliki satu koneksi. Jika ini milik Anda, gunakan Perbarui atau Masuk lagi di sana.",
    ),
    Word.OTHER_ACCOUNT: Words(
        "Itu akun Google yang lain",
        "Masuk lagi dengan akun yang terhubung. Untuk menggantinya dengan akun lain, gunakan Perbarui.",
    ),
    Word.CHANGED_MEANWHILE: Words(
        "Koneksi ini sudah berubah sementara itu", "Periksa keadaannya sekarang, lalu mulai lagi bila masih perlu."
    ),
    Word.NOT_A_MEMBER: Words("Anda bukan lagi anggota lokasi ini", "Hubungkan Gmail dari lokasi tempat Anda bekerja."),
    Word.NO_LASTING_ACCESS: Words(
        "Google tidak memberi akses tetap",
        "Hapus akses program ini di myaccount.google.com/permissions, lalu hubungkan lagi.",
    ),
    Word.UNKNOWN: Words("Ini bukan jalan kembali dari Google", "Mulai lagi dengan Hubungkan."),
    Word.EXPIRED: Words("Terlalu lama", "Menghubungkan harus selesai dalam 10 menit. Mulai lagi."),
    Word.USED: Words("Halaman ini sudah dipakai", "Periksa apakah akunnya sudah terhubung; jika belum, mulai lagi."),
    Word.OTHER_SESSION: Words(
        "Ini dimulai di peramban lain", "Mulai lagi di sini, atau lanjutkan di peramban tempat memulainya."
    ),
    Word.CANCELLED: Words("Anda membatalkannya di Google", "Mulai lagi kapan pun Anda mau."),
    Word.DECLINED: Words(
        "Tidak dihubungkan, sesuai keputusan Anda",
        "Siapa pun yang mengirim Anda ke sini tidak dapat melihat email Anda.",
    ),
    Word.MISSING_PERMISSIONS: Words(
        "Ada izin yang kurang", "Mulai lagi, dan biarkan semua kotak tercentang di halaman Google. Yang kurang:"
    ),
    Word.NO_MAILBOX: Words("Akun Google ini tidak memiliki kotak surat Gmail", "Pilih akun yang memilikinya."),
    Word.ORGANISATION_FORBIDS: Words(
        "Organisasi Anda tidak mengizinkan program ini",
        "Mintalah izin administrator Google Workspace Anda, lalu mulai lagi.",
    ),
    Word.GOOGLE_AWAY: Words("Google sedang tidak menjawab", "Mulai lagi beberapa menit lagi."),
    Word.GOOGLE_REFUSED: Words(
        "Google menolak", "Mulai lagi. Jika terulang, pengelola instalasi ini menemukan sebabnya di catatan log."
    ),
}
_ENDINGS = {"en": _ENGLISH, "id": _INDONESIAN}
# As Google's own consent page names them.
_PERMISSIONS = {
    "en": {
        Permission.MAIL: "Read, compose, and send emails from your Gmail account",
        Permission.CONTACTS: "See and download your contacts",
    },
    "id": {
        Permission.MAIL: "Membaca, menulis, dan mengirim email dari akun Gmail Anda",
        Permission.CONTACTS: "Melihat dan mendownload kontak Anda",
    },
}
_KEEPS = frozenset({Word.CONNECTED, Word.SIGNED_IN, Word.REPLACED, Word.USED, Word.CHANGED_MEANWHILE, Word.DECLINED})


def ending_words(word: Word, language: str) -> Words:
    """language: English for one that we don't speak."""
    words = _ENDINGS.get(language, _ENGLISH)[word]
    if word in _KEEPS:
        return words
    return Words(words.title, f"{_NOTHING.get(language, _NOTHING['en'])} {words.advice}")


def question_words(language: str) -> QuestionWords:
    return _QUESTIONS.get(language, _QUESTIONS["en"])


def permission_name(permission: Permission, language: str) -> str:
    return _PERMISSIONS.get(language, _PERMISSIONS["en"])[permission]
