"""Bytes to text, whatever the mail says they are."""

import re
from encodings.aliases import aliases

from crm_store.mail.problems import Problem, Problems

# Only these are looked up. Others cost the square of their input (idna, punycode) or are no charset, and Python keeps
# every unknown name in a cache that has no end.
_NO_CHARSETS = {
    "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem",
}  # fmt: skip
_WITHOUT_ALIAS = {"cp720", "cp737", "cp856", "cp874", "cp1006", "koi8_r", "koi8_t", "koi8_u", "utf_8_sig"}
# What mail programs mean by a name is more than what it says: https://encoding.spec.whatwg.org/#names-and-labels
_MEANT = {
    "latin_1": "cp1252", "iso8859_9": "cp1254", "iso8859_11": "cp874", "tis_620": "cp874", "windows_874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "ks_c_5601_1987": "cp949", "shift_jis": "cp932",
    "x_sjis": "cp932", "x_gbk": "gb18030", "big5": "cp950", "x_x_big5": "cp950", "utf_8_sig": "utf_8",
    "unicode_1_1_utf_8": "utf_8", "unicode_1_1_utf_7": "utf_7", "ansi_x3.110_1983": "ascii", "x_mac_roman": "mac_roman",
    "iso_8859_8_i": "iso8859_8", "iso_8859_8_e": "iso8859_8", "iso_8859_6_i": "iso8859_6", "ansi": "cp1252",
}  # fmt: skip
_CODECS = frozenset(({*aliases.values()} | _WITHOUT_ALIAS) - _NO_CHARSETS)
_UNDECLARED = frozenset(
    {"", "ascii", "us_ascii", "7bit", "8bit", "unknown_8bit", "unknown", "x_unknown", "none", "default"}
)
_CP_WITH_DASH = re.compile(r"^(?:x_)?cp_?(?=\d)")
_NO_ASCII = re.compile(r"utf_(?:7|16|32)")


def codec(declared: str) -> str | None:
    """Python's codec for a declared charset; "" where none was declared, None for an unknown one."""
    name = declared.strip(" \t\"'").casefold().partition("*")[0]  # RFC 2231 §5: a language may follow
    name = name.replace("-", "_").replace(" ", "_")
    if name in _UNDECLARED:
        return ""
    name = _CP_WITH_DASH.sub("cp", name)
    name = _MEANT.get(name, name)
    name = aliases.get(name, name)
    name = _MEANT.get(name, name)
    if name == "ascii":
        return ""
    return name if name in _CODECS else None


def decode(data: bytes, declared: str, problems: Problems) -> str:
    """The text of data: as declared, else UTF-8, else Windows-1252. Marks what did not fit."""
    if data.isascii() and not declared:
        return data.decode("ascii")
    name = codec(declared)
    if name is None:
        problems.note(Problem.UNKNOWN_CHARSET)
    if not name or name == "utf_8":
        return _guess(data, problems)
    try:
        return data.decode(name)
    except UnicodeError:
        pass
    try:
        return data.decode("utf-8")
    except UnicodeError:
        if name != "cp1252":  # five bytes of it have no meaning: no reason to warn
            problems.note(Problem.UNDECODABLE_BYTES)
        return data.decode(name, "replace")


def decode_header_bytes(data: bytes, declared: str = "") -> str:
    """Raw 8-bit in a header (RFC 6532 allows UTF-8 alone): UTF-8, else the mail's charset, else Windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeError:
        pass
    name = codec(declared) or "cp1252"
    if _NO_ASCII.match(name) or name == "utf_8":
        name = "cp1252"
    return data.decode(name, "replace")


def _guess(data: bytes, problems: Problems) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeError:
        problems.note(Problem.UNDECODABLE_BYTES)
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A long UTF-8 text that lost a byte is still UTF-8; one where hardly anything fits never was.
    fits = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if fits > broken else data.decode("cp1252", "replace")
