"""Why mail was not delivered: the enhanced status code (RFC 3463, RFC 7504 …), or the words of who refused it."""

import re
from enum import StrEnum


class Cause(StrEnum):
    """Stored, and said in words by crm_store/delivery_wording.py: never renamed."""

    MAILBOX_UNKNOWN = "mailbox-unknown"
    MAILBOX_FULL = "mailbox-full"
    MAILBOX_OFF = "mailbox-off"
    MAILBOX_MOVED = "mailbox-moved"
    DOMAIN_UNKNOWN = "domain-unknown"
    TOO_LARGE = "too-large"
    BLOCKED = "blocked"
    NOT_AUTHENTICATED = "not-authenticated"
    POLICY = "policy"
    CONTENT = "content"
    TOO_MUCH_MAIL = "too-much-mail"
    LOOP = "loop"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    SYSTEM = "system"
    TEMPORARY = "temporary"
    UNKNOWN = "unknown"


# The class (first number) tells permanent from temporary, the other two why.
_BY_DETAIL = {
    "1.0": Cause.MAILBOX_UNKNOWN, "1.1": Cause.MAILBOX_UNKNOWN, "1.2": Cause.DOMAIN_UNKNOWN,
    "1.3": Cause.MAILBOX_UNKNOWN, "1.4": Cause.MAILBOX_UNKNOWN, "1.6": Cause.MAILBOX_MOVED,
    "1.7": Cause.POLICY, "1.8": Cause.POLICY, "1.9": Cause.UNREACHABLE, "1.10": Cause.DOMAIN_UNKNOWN,
    "2.0": Cause.MAILBOX_OFF, "2.1": Cause.MAILBOX_OFF, "2.2": Cause.MAILBOX_FULL, "2.3": Cause.TOO_LARGE,
    "2.4": Cause.MAILBOX_UNKNOWN, "3.0": Cause.SYSTEM, "3.1": Cause.SYSTEM, "3.2": Cause.SYSTEM,
    "3.3": Cause.SYSTEM, "3.4": Cause.TOO_LARGE, "3.5": Cause.SYSTEM, "4.0": Cause.UNREACHABLE,
    "4.1": Cause.UNREACHABLE, "4.2": Cause.UNREACHABLE, "4.3": Cause.UNREACHABLE, "4.4": Cause.UNREACHABLE,
    "4.5": Cause.TOO_MUCH_MAIL, "4.6": Cause.LOOP, "4.7": Cause.EXPIRED, "5.0": Cause.SYSTEM,
    "5.1": Cause.SYSTEM, "5.2": Cause.SYSTEM, "5.3": Cause.TOO_MUCH_MAIL, "5.4": Cause.SYSTEM, "5.5": Cause.SYSTEM,
    "6.0": Cause.CONTENT, "6.1": Cause.CONTENT, "6.2": Cause.CONTENT, "6.3": Cause.CONTENT, "6.4": Cause.CONTENT,
    "6.5": Cause.CONTENT, "6.6": Cause.CONTENT, "6.7": Cause.CONTENT, "7.0": Cause.POLICY, "7.1": Cause.POLICY,
    "7.2": Cause.POLICY, "7.3": Cause.POLICY, "7.8": Cause.POLICY, "7.13": Cause.MAILBOX_OFF,
    "7.20": Cause.NOT_AUTHENTICATED, "7.21": Cause.NOT_AUTHENTICATED, "7.22": Cause.NOT_AUTHENTICATED,
    "7.23": Cause.NOT_AUTHENTICATED, "7.24": Cause.NOT_AUTHENTICATED, "7.25": Cause.NOT_AUTHENTICATED,
    "7.26": Cause.NOT_AUTHENTICATED, "7.27": Cause.POLICY, "7.28": Cause.TOO_MUCH_MAIL,
}  # fmt: skip

# Codes that mail systems give for anything: the words beside them say more.
_VAGUE = frozenset({"0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "7.1", "3.2", "5.2", "5.4"})

# What servers and mail systems say, most telling first. Substrings, of text that is lower case and has single blanks.
_SAID: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (Cause.TOO_LARGE, (
        "message too large", "message is too large", "too big", "exceeds maximum", "exceeds the maximum",
        "exceeds size limit", "message size exceeds", "size limit exceeded", "message length exceeds",
        "exceeded maximum message size", "exceed the maximum message size", "message exceeded max", "msg too big",
        "larger than the current system limit", "terlalu besar",
    )),
    (Cause.MAILBOX_FULL, (
        "mailbox full", "mailbox is full", "mailfolder is full", "mailbox exceeded", "over quota", "overquota",
        "quota exceeded", "exceeded the quota", "exceeded storage", "exceeded their quota", "quota has been exceeded",
        "exceeds quota", "exceeded quota", "storage quota", "disk quota", "not enough storage space",
        "not enough disk space", "insufficient system storage", "insufficient disk space", "out of storage",
        "inbox is full", "no space left", "exceeded the local limit", "mailbox size limit", "account is full",
        "penuh", "is over its limit", "maildir over quota", "mailbox has exceeded", "quotaexceeded", "mbox quota",
        "size limit has been exceeded",
    )),
    (Cause.LOOP, (
        "too many hops", "mail loop", "routing loop", "loops back", "hop count exceeded", "loop detected",
        "mail forwarding loop", "too many received",
    )),
    (Cause.NOT_AUTHENTICATED, (
        "dmarc", "spf ", "spf)", "dkim", "unauthenticated email", "authentication checks failed", "sender id",
        "not pass authentication", "reverse dns", "ptr record", "fails to pass", "does not pass",
    )),
    (Cause.TOO_MUCH_MAIL, (
        "rate limit", "rate-limit", "ratelimit", "too many messages", "too many connections", "too many recipients",
        "sending limit", "exceeded the maximum number", "daily limit", "hourly limit", "throttl", "too much mail",
        "unusual rate", "exceeded its quota of messages", "exceeded max_defers",
    )),
    (Cause.BLOCKED, (
        "your access to this mail system", "blacklist", "black list", "blocklist", "block list", "blocked",
        "spamhaus", "spamcop", "sorbs", "rbl", "dnsbl", "bad reputation", "poor reputation", "low reputation",
        "reputation", "banned", "open relay", "client host rejected", "access denied", "diblokir", "gesperrt",
        "is listed at", "is listed in", "is listed on", "are listed",
    )),
    (Cause.CONTENT, (
        "spam", "virus", "malware", "unsolicited", "content rejected", "message content", "junk mail", "phish",
        "message rejected due to content", "suspicious", "infected", "attachment", "media error", "content filter",
        "mail rejete", "not rfc 5322", "rfc 5322", "malicious", "ube,",
    )),
    (Cause.DOMAIN_UNKNOWN, (
        "host unknown", "unknown host", "domain not found", "host not found", "name service error", "no such domain",
        "domain name not found", "nxdomain", "cannot find your", "couldn't find any host", "host or domain name",
        "unrouteable", "unroutable", "no route to host named", "no mx", "null mx", "nullmx", "no smtp service",
        "bad domain", "domain does not exist", "does not accept mail", "domain of recipient", "unknown domain",
        "invalid domain", "dns error", "not a valid domain", "domain couldn't be found",
        "host lookup did not complete", "mx record",
    )),
    (Cause.MAILBOX_OFF, (
        "account disabled", "account is disabled", "account has been disabled", "mailbox disabled", "inactive",
        "suspended", "not accepting messages", "mailbox is disabled", "account that you tried to reach is disabled",
        "deactivated", "account closed", "no longer active", "locked", "expired account", "mailbox is inactive",
    )),
    (Cause.MAILBOX_UNKNOWN, (
        "user unknown", "unknown user", "no such user", "no mailbox", "mailbox not found", "mailbox unavailable",
        "user not found", "no such recipient", "unknown recipient", "recipient unknown", "does not exist",
        "doesn't exist", "not listed in", "invalid recipient", "invalid address", "invalid user", "no such address",
        "unknown address", "address unknown", "unknown mailbox", "recipient not found", "recipnotfound",
        "recipientnotfound", "no such mailbox", "not a known user", "undeliverable address",
        "address couldn't be found", "couldn't be found", "couldn't be delivered to", "no account", "doesn't have a",
        "not our customer", "invalid mailbox", "mailbox does not", "recipient name is not recognized",
        "unknown local", "unrecognized recipient", "wasn't found", "not found", "no valid recipients",
        "address not found", "address is possibly incorrect", "bad address", "tidak ditemukan", "tidak dikenal",
        "tidak ada", "no such person", "unknown account", "unknown or illegal", "user doesn't", "isn't a valid",
        "not a valid mailbox", "no longer valid", "is not a registered", "no user", "user invalid", "not known",
        "mailbox unknown", "cannot find user", "bad destination mailbox",
    )),
    (Cause.EXPIRED, (
        "message expired", "retry time", "delivery time expired", "retry timeout exceeded",
        "could not be delivered for", "cannot send message for", "could not send message for", "gave up", "giving up",
        "envelope expired", "been in the queue too long", "too long in the queue", "in queue too long",
        "unable to deliver in", "delivery expired", "has been on our system",
    )),
    (Cause.UNREACHABLE, (
        "timed out", "timeout", "connection refused", "connection reset", "not reachable", "unreachable",
        "no route to host", "lost connection", "could not connect", "unable to connect", "wasn't able to establish",
        "connection dropped", "network", "bad connection", "host is down", "not responding",
        "did not accept our requests to connect", "socket error", "couldn't connect", "connection failed",
        "server is down",
    )),
    (Cause.SYSTEM, (
        "mailer error", "local error", "system error", "server error", "internal error", "configuration",
        "command failed",
    )),
    (Cause.POLICY, (
        "policy", "not permitted", "not allowed", "relay", "access denied", "permission", "restricted", "refused",
        "denied", "not authorized", "no relaying", "authentication required", "must be authenticated", "prohibited",
        "unauthorized", "not authorized", "ditolak",
    )),
    (Cause.TEMPORARY, ("on hold", "temporar", "try again later", "deferred", "greylist", "graylist", "sementara")),
    (Cause.MAILBOX_UNKNOWN, ("recipient address rejected", "address rejected", "address was rejected")),
    (Cause.POLICY, ("rejected",)),
)  # fmt: skip

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.\-/:])([45])\d\d(?=[ \-:])")
_SAID_CHARS = 4000


def status_in(text: str) -> str:
    """The most telling enhanced status code in the text: one that says why before one that does not. "" without one."""
    vague = ""
    for match in _STATUS.finditer(text[:_SAID_CHARS]):
        if not _is_vague(match[0]) and match[1] != "2":
            return match[0]
        vague = vague or match[0]
    return vague


def telling_status(status: str, said: str) -> str:
    """The status as told, or the one within what the remote server said where that is more telling."""
    if not status or _is_vague(status):
        other = status_in(said)
        if other and (not status or not _is_vague(other)):
            return other
    return status


def cause_of(status: str, said: str) -> Cause:
    """status: "" where none is told. said: words of the mail system, may be ""."""
    told = _BY_DETAIL.get(status.partition(".")[2])
    if told is not None and not _is_vague(status):
        return told
    text = " ".join(said[:_SAID_CHARS].casefold().split())
    for cause, phrases in _SAID:
        if any(phrase in text for phrase in phrases):
            return cause
    if told is not None and not status.endswith(".0.0"):
        return told
    return Cause.TEMPORARY if is_temporary(status, said) else Cause.UNKNOWN


def is_temporary(status: str, said: str) -> bool:
    """By the status's class, else by that of an SMTP reply (RFC 5321 §4.2.1)."""
    if status:
        return status.startswith("4")
    reply = _REPLY.search(said[:_SAID_CHARS])
    return reply is not None and reply[1] == "4"


def _is_vague(status: str) -> bool:
    return status.partition(".")[2] in _VAGUE
