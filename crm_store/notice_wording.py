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


def sign_in_again(problem: str, *, name: str, email: str, link: str, locale: str | None) -> Notice:
    """A5. email: of the Google account. locale: English for one that we don't speak."""
    words = _SIGN_IN_AGAIN.get(locale or DEFAULT_LOCALE, _SIGN_IN_AGAIN[DEFAULT_LOCALE])
    sentence = problem_sentence(problem, locale)
    return Notice(
        words.subject.format(email=email),
        words.text.format(name=name, email=email, problem=sentence, link=link),
    )
