"""The HTML of a mail, safe to show to a person: nothing in it runs, and nothing in it fetches anything.

To be shown under a Content-Security-Policy and in a sandboxed frame nonetheless (facts/ui.md 2.4)."""

import base64
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from crm_store.mail import body
from crm_store.mail.clean_text import clean_lines
from crm_store.mail.html_tidy import ATTRIBUTES, TAGS, tidy
from crm_store.mail.html_tokens import first_tags
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.message_ids import message_id
from crm_store.mail.problems import Problems
from crm_store.mail.structure import Part, find_parts, leaves

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})  # SVG is a document
_IMAGE_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]*+\Z", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\s*+(?:https?:|ftp:)?//", re.IGNORECASE)
_WEB = re.compile(r"\s*+(?:https?:)?//", re.IGNORECASE)
MAX_IMAGE_URL = 2000
_MOST_IMAGES = 200
_LINK = re.compile(r"\s*+(?:https?|mailto|tel):", re.IGNORECASE)
# What a browser would fetch beside images: style sheets and what they name, frames, media.
_FETCHED = re.compile(
    r"url\(\s*+[\"']?\s*+(?:https?:)?//|@import\b"
    r"|<(?:link|iframe|frame|embed|object|video|audio|source|track|script|input)\b[^<>]{0,2000}?"
    r"\b(?:href|src|data|poster)\s*+=\s*+[\"']?\s*+(?:https?:)?//",
    re.IGNORECASE,
)
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius",
    "border-right", "border-spacing", "border-style", "border-top", "border-width", "color", "direction", "display",
    "font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height",
    "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "min-width",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align", "text-decoration",
    "text-indent", "text-transform", "vertical-align", "white-space", "width", "word-break", "word-wrap",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownHtml:
    """source: a whole HTML document. remote: how many things were taken out that it would fetch from elsewhere."""

    source: str
    remote: int


def shown_html(
    raw: bytes, limits: Limits = LIMITS, *, image_by: Callable[[str], str] | None = None
) -> ShownHtml | None:
    """None where the mail has no HTML. Pictures that it brings along (cid:) are in it. Never raises.

    image_by: the address at which we show a picture that is elsewhere, by its own; None: such are taken out."""
    problems = Problems()
    root = find_parts(raw, limits, problems)
    parts = body.html_view(raw, root)
    if not any(part.content_type == "text/html" for part in parts):
        return None
    pictures = _Pictures(raw, root, limits, image_by)
    pieces, left, fetched = [], limits.html_chars, 0
    for part in parts:
        text = body.part_text(raw, part, left, problems)
        left -= len(text)
        if part.content_type == "text/html":
            text = first_tags(text, limits.html_tags)
            fetched += sum(1 for _ in _FETCHED.finditer(text))
            pieces.append(_sanitised(tidy(text, limits.html_depth), pictures))
        else:
            pieces.append(f'<pre style="white-space:pre-wrap">{html.escape(text)}</pre>')
    return ShownHtml(_document(clean_lines("<hr>".join(pieces))), fetched + pictures.remote)


class _Pictures:
    """What an image shows: the picture that the mail brings along, or nothing."""

    def __init__(self, raw: bytes, root: Part, limits: Limits, image_by: Callable[[str], str] | None) -> None:
        self.remote = 0
        self._image_by, self._images_left = image_by, _MOST_IMAGES
        self._raw, self._left_bytes = raw, limits.inline_images_bytes
        self._parts: dict[str, Part] = {}
        for leaf in leaves(root):
            if leaf.content_type in _IMAGES and (found := message_id(body.header_text(leaf, "content-id"), limits)):
                self._parts.setdefault(found, leaf)

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """The attribute's value as it may stand; None: it goes."""
        if name == "src" and tag == "img" and self._image_by is not None and _WEB.match(value):
            return self._by_way_of_us(self._image_by, value)
        if name == "background" or (name == "src" and _ELSEWHERE.match(value)):
            self.remote += bool(_ELSEWHERE.match(value))
            return None
        if name == "src":
            return self._source(value) if tag == "img" else None
        if name in ("href", "cite"):
            return value if _LINK.match(value) else None
        return value

    def _by_way_of_us(self, image_by: Callable[[str], str], value: str) -> str | None:
        """An address of any length, or one picture more than anybody looks at, stays out and is counted."""
        url = value.strip()
        self._images_left -= 1
        if len(url) > MAX_IMAGE_URL or self._images_left < 0:
            self.remote += 1
            return None
        return image_by(f"https:{url}" if url.startswith("//") else url)

    def _source(self, value: str) -> str | None:
        scheme, _, rest = value.strip().partition(":")
        if scheme.casefold() == "data":
            return value if _IMAGE_DATA.match(value) else None
        part = self._parts.get(unquote(rest).strip(" <>")) if scheme.casefold() == "cid" else None  # RFC 2392
        if part is None:
            return None
        content = body.content(self._raw, part, Problems())
        self._left_bytes -= len(content)
        if self._left_bytes < 0:
            return None
        return f"data:{part.content_type};base64,{base64.b64encode(content).decode('ascii')}"


def _sanitised(source: str, pictures: _Pictures) -> str:
    return nh3.clean(
        source,
        tags=set(TAGS),
        attributes={"*": set(ATTRIBUTES - {"href", "src"}), "a": {"href"}, "img": {"src"}},
        attribute_filter=pictures.attribute,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _document(inside: str) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title></title>'
        f"</head><body>{inside}</body></html>"
    )
