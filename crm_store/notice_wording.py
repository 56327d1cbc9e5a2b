"""What the product writes to its own users, in the reader's language."""

from dataclasses import dataclass

from crm_store.connection_wording import problem_sentence
from crm_store.wording import DEFAULT_LOCALE

PRODUCT = "SunnyDay Mail"


@dataclass(frozen=True, slots=True)
class Notice:
    subject: str
    text: str


_SIGN_IN_AGAIN = {
    "en": Notice(
        "Sign in with Google again: {email}",
        "Hello {name},\n\n"
        "your Gmail account {email} is not followed at the moment.\n\n"
        "{problem}\n\n"
        "Sign in here: {link}\n\n"
        "Mail that you send from the CRM waits until then. This is the only e-mail about it.\n",
    ),
    "id": Notice(
        "Masuk lagi dengan Google: {email}",
        "Halo {name},\n\n"
        "akun Gmail Anda {email} saat ini tidak disinkronkan.\n\n"
        "{problem}\n\n"
        "Masuk di sini: {link}\n\n"
        "Email yang Anda kirim dari CRM menunggu sampai saat itu. Ini satu-satunya email tentang hal ini.\n",
    ),
}
_VERIFY = {
    "en": Notice(
        "Is this address yours?",
        "Hello,\n\n"
        "{name} ({email}) says in SunnyDay Mail that {address} is their own address. If that is you, confirm it here; "
        "the link works once, until 24 hours from now:\n\n"
        "{link}\n\n"
        "From then on mail from this address counts as theirs in the CRM.\n\n"
        "If you do not know who that is, do nothing, or open the link and say no: then nothing changes.\n",
    ),
    "id": Notice(
        "Apakah alamat ini milik Anda?",
        "Halo,\n\n"
        "{name} ({email}) menyatakan di SunnyDay Mail bahwa {address} adalah alamatnya sendiri. Jika itu Anda, "
        "konfirmasikan di sini; tautan ini berlaku satu kali, selama 24 jam:\n\n"
        "{link}\n\n"
        "Sejak itu email dari alamat ini dianggap miliknya di CRM.\n\n"
        "Jika Anda tidak mengenalnya, abaikan saja, atau buka tautan itu dan jawab tidak: tidak ada yang berubah.\n",
    ),
}
_IS_ANOTHERS = {
    "en": Notice(
        "Somebody asked to add your address",
        "Hello,\n\n"
        "{name} ({email}) asked in SunnyDay Mail to add {address} as their own address. It belongs to another account "
        "there, so nothing was changed.\n\n"
        "If both accounts are yours, remove the address from the other one first, then ask again. Else there is "
        "nothing that you need to do.\n",
    ),
    "id": Notice(
        "Seseorang meminta menambahkan alamat Anda",
        "Halo,\n\n"
        "{name} ({email}) meminta di SunnyDay Mail agar {address} ditambahkan sebagai alamatnya sendiri. Alamat ini "
        "milik akun lain di sana, jadi tidak ada yang diubah.\n\n"
        "Jika kedua akun itu milik Anda, hapus dulu alamat ini dari akun yang lain, lalu minta lagi. Jika bukan, tidak "
        "ada yang perlu Anda lakukan.\n",
    ),
}
_TEST = {
    "en": Notice(
        "Test of the e-mail provider of {location}",
        "Hello,\n\n"
        "this e-mail left through the e-mail provider of {location}. {name} asked for it in SunnyDay Mail, to see that "
        "it works. It does.\n",
    ),
    "id": Notice(
        "Uji coba penyedia email {location}",
        "Halo,\n\n"
        "email ini dikirim melalui penyedia email {location}. {name} memintanya di SunnyDay Mail untuk memastikan "
        "penyedia itu berfungsi. Ternyata berfungsi.\n",
    ),
}


def sign_in_again(problem: str, *, name: str, email: str, link: str, locale: str | None) -> Notice:
    """A5. email: of the Google account. locale: English for one that we don't speak."""
    sentence = problem_sentence(problem, locale)
    return _filled(_SIGN_IN_AGAIN, locale, name=name, email=email, problem=sentence, link=link)


def verify(address: str, *, name: str, email: str, link: str, locale: str | None) -> Notice:
    """name, email: of the user who says that the address is theirs. locale: as above."""
    return _filled(_VERIFY, locale, address=address, name=name, email=email, link=link)


def is_anothers(address: str, *, name: str, email: str, locale: str | None) -> Notice:
    """As verify(), of an address that is another user's already. It says nothing of whose."""
    return _filled(_IS_ANOTHERS, locale, address=address, name=name, email=email)


def provider_test(*, location: str, name: str, locale: str | None) -> Notice:
    """location, name: what it is called, and who asked for it."""
    return _filled(_TEST, locale, location=location, name=name)


def _filled(words: dict[str, Notice], locale: str | None, **values: str) -> Notice:
    chosen = words.get(locale or DEFAULT_LOCALE, words[DEFAULT_LOCALE])
    return Notice(chosen.subject.format(**values), chosen.text.format(**values))
