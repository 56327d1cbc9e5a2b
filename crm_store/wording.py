"""What constant words mean, in the reader's language. A sentence has no stop at its end: its rule follows."""

from crm_store.rules.rule import Reason, Rule

DEFAULT_LOCALE = "en"

_ENGLISH: dict[Reason, str] = {
    Reason.NEW_THREAD: "It begins a talk with somebody who is a contact",
    Reason.NEW_CONTACT: "It begins a talk with somebody new, who was made a contact",
    Reason.ANSWERS_THREAD: "It answers mail that is recorded here",
    Reason.RESUMES_THREAD: "It does not say what it answers, and goes on with a recent talk of the same people",
    Reason.SAME_MESSAGE: "The same message was here already, and this copy was added to it",
    Reason.INTERNAL_MAIL: "It is mail of members among themselves, which is confidential; nothing of it is kept",
    Reason.NEVER_LOGGED: "Somebody in it is on a never-log list; nothing of it is kept",
    Reason.ABOUT_OTHER_MAIL: "A mail system sent it about other mail",
    Reason.BOUNCE_SHOWN: "It says that a mail recorded here was not delivered, and is shown on that mail",
    Reason.MAIL_LOOP: "It goes round in circles between mail systems",
    Reason.LIST_MAIL: "It comes from a mailing list, and its author is no contact",
    Reason.AUTOMATIC: "A program sent it, and nobody in it is a contact",
    Reason.ANSWERS_ELSEWHERE: "It answers a talk that goes on in another location",
    Reason.NO_CONTACT: "Nobody in it is a contact",
    Reason.NOT_MAIL: "In the mailbox it is a draft, a chat, or lies in spam or trash",
    Reason.GONE: "It was gone from the mailbox before it could be read",
    Reason.BEFORE_CONNECTING: "It was in the mailbox before that was connected",
    Reason.SET_ASIDE: "It could not be read from the mailbox, was set aside, and is tried again now and then",
    Reason.UN_LOGGED: "Somebody removed this message from the conversation, so it stays away",
    Reason.ADDRESS_RETIRED: "The BCC address was replaced or switched off, and its time is over",
    Reason.ADDRESS_UNKNOWN: "The BCC address is not known any more",
    Reason.SELF_TEST: "It was the test from the settings page, and passed it; nothing of it is kept",
    Reason.SELF_TEST_UNPROVEN: "It was the test from the settings page; it came in, and nothing proves its sender",
    Reason.NOT_AUTHENTICATED: "Nothing proves that it comes from the address that it names as its sender",
    Reason.SENDER_NOT_ALLOWED: "Its sender is neither the owner of the BCC address nor allowed to write here",
    Reason.AUTHENTICATION_WAITS: "The DNS did not answer who may send for its sender; it is asked again by itself",
    Reason.NAME_IMITATES: "Its sender's name shows another address than the one that it comes from",
    Reason.DOMAIN_IMITATES: "Its sender's domain looks like one of the BCC address's owner, and is another",
    Reason.NO_AUTHOR: "It does not say who wrote it",
    Reason.UNREADABLE: "It is too damaged to be read",
    Reason.NO_OUTSIDE_RECIPIENT: "It is addressed to nobody outside, and nobody in Cc or Bcc is a contact",
    Reason.FORWARDED: "It was forwarded to the BCC address, and the original inside says whose conversation it is",
    Reason.FORWARD_UNSURE: "It was forwarded to the BCC address, and who wrote the original is a guess",
    Reason.FORWARDER_NOT_ALLOWED: "A mailbox sent it on by itself, or redirected it, and may not do that here so far",
    Reason.FORWARDER_NOT_PROVEN: "It was redirected to the BCC address, and nothing proves by whom",
    Reason.FORWARD_TO_NOBODY: "It was forwarded to the BCC address, and nobody outside is named in the original",
    Reason.ONLY_TO_BCC_ADDRESS: "It went to the BCC address alone, so it does not say whose conversation it belongs to",
    Reason.APPROVED: "An operator let it in",
    Reason.REJECTED: "An operator rejected it",
    Reason.SENDER_BLOCKED: "Its sender is blocked",
    Reason.RETENTION_ENDED: "Nobody decided about it in time, so its content was erased",
    Reason.TO_POSTMASTER: "It was sent to the postmaster or abuse address of this installation",
}

_INDONESIAN: dict[Reason, str] = {
    Reason.NEW_THREAD: "Email ini memulai percakapan dengan seorang kontak",
    Reason.NEW_CONTACT: "Email ini memulai percakapan dengan orang baru, yang dijadikan kontak",
    Reason.ANSWERS_THREAD: "Email ini membalas email yang tercatat di sini",
    Reason.RESUMES_THREAD: "Email ini tidak menyebut apa yang dibalasnya, dan melanjutkan percakapan terakhir mereka",
    Reason.SAME_MESSAGE: "Pesan yang sama sudah ada di sini, dan salinan ini ditambahkan kepadanya",
    Reason.INTERNAL_MAIL: "Ini email antaranggota yang bersifat rahasia; tidak ada isinya yang disimpan",
    Reason.NEVER_LOGGED: "Ada pihak di dalamnya yang tercantum di daftar jangan-catat; tidak ada isinya yang disimpan",
    Reason.ABOUT_OTHER_MAIL: "Sistem email mengirimnya sebagai pemberitahuan tentang email lain",
    Reason.BOUNCE_SHOWN: "Email ini memberitahukan kegagalan pengiriman email yang tercatat, dan tampil di sana",
    Reason.MAIL_LOOP: "Email ini berputar-putar di antara sistem email",
    Reason.LIST_MAIL: "Email ini berasal dari milis, dan penulisnya bukan kontak",
    Reason.AUTOMATIC: "Sebuah program yang mengirimnya, dan tidak ada kontak di dalamnya",
    Reason.ANSWERS_ELSEWHERE: "Email ini membalas percakapan yang berlangsung di lokasi lain",
    Reason.NO_CONTACT: "Tidak ada kontak di dalamnya",
    Reason.NOT_MAIL: "Di kotak surat email ini berupa draf, obrolan, atau berada di spam atau sampah",
    Reason.GONE: "Email ini sudah hilang dari kotak surat sebelum sempat dibaca",
    Reason.BEFORE_CONNECTING: "Email ini sudah ada di kotak surat sebelum kotak surat itu dihubungkan",
    Reason.SET_ASIDE: "Email ini tidak dapat dibaca dari kotak surat, disisihkan, dan sesekali dicoba lagi",
    Reason.UN_LOGGED: "Pesan ini telah dihapus seseorang dari percakapan, jadi tidak dicatat lagi",
    Reason.ADDRESS_RETIRED: "Alamat BCC sudah diganti atau dinonaktifkan, dan masa berlakunya habis",
    Reason.ADDRESS_UNKNOWN: "Alamat BCC tidak dikenal lagi",
    Reason.SELF_TEST: "Ini uji coba dari halaman pengaturan, dan berhasil; tidak ada isinya yang disimpan",
    Reason.SELF_TEST_UNPROVEN: "Ini uji coba dari halaman pengaturan; emailnya tiba, tetapi pengirimnya tidak terbukti",
    Reason.NOT_AUTHENTICATED: "Tidak ada bukti bahwa email ini berasal dari alamat yang disebut sebagai pengirimnya",
    Reason.SENDER_NOT_ALLOWED: "Pengirimnya bukan pemilik alamat BCC dan belum diizinkan menulis ke sini",
    Reason.AUTHENTICATION_WAITS: "DNS belum menjawab siapa yang boleh mengirim untuk pengirimnya; akan dicoba lagi",
    Reason.NAME_IMITATES: "Nama pengirimnya menampilkan alamat lain daripada alamat asalnya",
    Reason.DOMAIN_IMITATES: "Domain pengirimnya mirip dengan domain pemilik alamat BCC, tetapi bukan domain itu",
    Reason.NO_AUTHOR: "Email ini tidak menyebut siapa penulisnya",
    Reason.UNREADABLE: "Email ini terlalu rusak untuk dibaca",
    Reason.NO_OUTSIDE_RECIPIENT: "Tidak ada penerima dari luar, dan tidak ada kontak di Cc maupun Bcc",
    Reason.FORWARDED: "Email ini diteruskan ke alamat BCC, dan pesan aslinya menunjukkan milik percakapan siapa",
    Reason.FORWARD_UNSURE: "Email ini diteruskan ke alamat BCC, dan penulis pesan aslinya hanya dugaan",
    Reason.FORWARDER_NOT_ALLOWED: "Sebuah kotak surat meneruskannya secara otomatis, dan belum diizinkan untuk itu",
    Reason.FORWARDER_NOT_PROVEN: "Email ini dialihkan ke alamat BCC, dan tidak ada bukti siapa yang mengalihkannya",
    Reason.FORWARD_TO_NOBODY: "Email ini diteruskan ke alamat BCC, dan pesan aslinya tidak menyebut pihak luar",
    Reason.ONLY_TO_BCC_ADDRESS: "Email ini hanya dikirim ke alamat BCC, jadi tidak jelas milik percakapan siapa",
    Reason.APPROVED: "Seorang operator meloloskannya",
    Reason.REJECTED: "Seorang operator menolaknya",
    Reason.SENDER_BLOCKED: "Pengirimnya diblokir",
    Reason.RETENTION_ENDED: "Tidak ada yang memutuskan pada waktunya, jadi isinya dihapus",
    Reason.TO_POSTMASTER: "Email ini dikirim ke alamat postmaster atau abuse dari instalasi ini",
}

_FAILED = {
    "en": "Something went wrong on our side; it is tried again by itself",
    "id": "Terjadi kesalahan di pihak kami; akan dicoba lagi dengan sendirinya",
}
_OF_ANOTHER_VERSION = {
    "en": "A newer version of this program decided so, by a reason that this one has no words for",
    "id": "Versi program yang lebih baru memutuskannya, dengan alasan yang belum dikenal versi ini",
}
_REASONS = {"en": _ENGLISH, "id": _INDONESIAN}


def sentence(reason: str, rule: str, locale: str | None) -> str:
    """Why, with the rule's number. reason: a word of Reason, or of a newer version's, which wrote the row.

    locale: English for one that we don't speak."""
    words = _REASONS.get(locale or DEFAULT_LOCALE, _ENGLISH)
    if reason in words:
        return _with_rule(words[Reason(reason)], rule)
    return _with_rule(_OF_ANOTHER_VERSION.get(locale or DEFAULT_LOCALE, _OF_ANOTHER_VERSION[DEFAULT_LOCALE]), rule)


def failed_sentence(locale: str | None) -> str:
    """Why a capture is `failed`."""
    return _with_rule(_FAILED.get(locale or DEFAULT_LOCALE, _FAILED[DEFAULT_LOCALE]), Rule.D4)


def _with_rule(words: str, rule: str) -> str:
    return f"{words} ({rule})."
