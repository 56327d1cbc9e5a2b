"""Scopes: which belong to signing in, and what the consent page says of the others."""

SIGN_IN = frozenset(
    {
        "openid",
        "email",
        "profile",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
)
_LONG = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
_ROOT = "https://www.googleapis.com/auth/"
_WORDS = {
    "https://mail.google.com/": "Read, compose, send, and permanently delete all your email from Gmail",
    _ROOT + "gmail.readonly": "View your email messages and settings",
    _ROOT + "gmail.send": "Send email on your behalf",
    _ROOT + "gmail.modify": "Read, compose, and send emails from your Gmail account",
    _ROOT + "gmail.compose": "Manage drafts and send emails",
    _ROOT + "gmail.insert": "Add emails into your Gmail mailbox",
    _ROOT + "gmail.labels": "See and edit your email labels",
    _ROOT + "gmail.metadata": "View your email message metadata such as labels and headers, but not the email body",
    _ROOT + "gmail.settings.basic": "See, edit, create, or change your email settings and filters in Gmail",
    _ROOT + "contacts": "See, edit, download, and permanently delete your contacts",
    _ROOT + "contacts.readonly": "See and download your contacts",
    _ROOT + "contacts.other.readonly": 'See and download contact info automatically saved in your "Other contacts"',
}


def asked(scope: str) -> list[str]:
    """The scopes of a request, each once, in order, in the form that the token reply has them."""
    return list(dict.fromkeys(_LONG.get(word, word) for word in scope.split()))


def is_known(scope: str) -> bool:
    return scope in SIGN_IN or scope in _WORDS


def wording(scope: str) -> str:
    return _WORDS.get(scope, scope)
