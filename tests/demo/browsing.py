"""A browser without JavaScript, as small as the demo needs: it keeps cookies, fills in forms and presses buttons."""

import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

from telling import OffError

_TIMEOUT_S = 20


@dataclass
class _Form:
    """values: what is sent as the page stands. buttons: (words on it, name, value)."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class Browser:
    """url: of the page that is shown."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.url = ""
        self._forms: list[_Form] = []

    def open(self, url: str, fields: list[tuple[str, str]] | None = None) -> None:
        """Goes where the answer leads. Raises: urllib's HTTPError for a refusal."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        with self._opener.open(url, data, _TIMEOUT_S) as answer:
            self.url = answer.url
            page = _Page()
            page.feed(answer.read().decode())
        self._forms = page.forms

    def press(self, words: str, **typed: str) -> None:
        """The first button that has these words on it, after typing into the fields of its form.

        Raises: OffError where there is none."""
        for form in self._forms:
            for on_it, name, value in form.buttons:
                if words in on_it:
                    stands = [one for one in form.values if one[0] not in typed]
                    pressed = [(name, value)] if name else []
                    self.open(urllib.parse.urljoin(self.url, form.action), [*stands, *typed.items(), *pressed])
                    return
        raise OffError(f"{self.url} has no button “{words}”")


class _Page(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._button: tuple[str, str] | None = None
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(said.get("action", "")))
        elif tag == "input" and self.forms and said.get("name"):
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                self.forms[-1].values.append((said["name"], said.get("value", "")))
        elif tag == "button":
            self._button, self._words = (said.get("name", ""), said.get("value", "")), ""
        elif tag == "br":
            self._words += " "

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None and self.forms:
            self.forms[-1].buttons.append((" ".join(self._words.split()), *self._button))
            self._button = None
