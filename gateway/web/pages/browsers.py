"""What people call a browser, by what it says of itself. A hint for its owner, believed in nothing."""

from gateway.web.pages.reader import Reader

# The first word that is found counts: most of them also claim to be Chrome, Safari and Mozilla.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def named(agent: str, reader: Reader) -> str:
    """Firefox, Windows"""
    browser, system = (next((name for word, name in names if word in agent), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, (browser, system))) or reader.gettext("Unknown browser")
