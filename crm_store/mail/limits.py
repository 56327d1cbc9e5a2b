"""How much of one mail is looked at. Mail is hostile: each bound is there so that reading costs what its bytes cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one read. What lies beyond is cut and named in ParsedMail.problems."""

    raw_bytes: int = 64 * 1024 * 1024  # the receiver's own limit is 35 MiB (SUNNYDAY_SMTP_MAX_BYTES); Gmail's is 50 MB
    header_bytes: int = 256 * 1024  # of one header block; 1,000 recipients take some 60 KB
    depth: int = 16  # multiparts inside multiparts; mail of real clients stays below 6, each level is one search
    parts: int = 1000  # parts of one mail, containers too; each costs some KB of memory
    tnef_files: int = 100  # inside the winmail.dat of one mail; each is hashed, and a row
    delimiters: int = 100_000  # places that look like a part's border: lines of nothing else must not cost seconds
    text_chars: int = 1024 * 1024  # what is kept of the text; more is no letter
    html_chars: int = 2 * 1024 * 1024  # of HTML looked at: mark-up outweighs words
    html_tags: int = 50_000  # of it; no mail of the corpora has more than 1,500, and each costs some µs
    html_depth: int = 100  # of elements in elements, when shown: sanitising takes the square of it
    inline_images_bytes: int = 8 * 1024 * 1024  # of images inside a shown HTML text, each time it is shown
    subject_chars: int = 998  # RFC 5322 §2.1.1's line
    name_chars: int = 256  # display and file names; ext4 takes 255 bytes. NFC is quadratic on hostile names
    address_chars: int = 512  # above RFC 5321's 320: a longer one is no address
    recipients: int = 1000  # mailboxes of one kind (To, Cc ...)
    references: int = 100  # the first and the latest: threads are found by these
    message_id_chars: int = 998  # RFC 5322 §2.1.1's line


LIMITS = Limits()
