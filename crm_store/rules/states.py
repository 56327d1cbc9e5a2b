"""The words that rows and decisions use, and the steps between them that are legal."""

from enum import IntFlag, StrEnum


class Role(StrEnum):
    """What a member may do in one location; each includes the ones before it."""

    USER = "user"
    OPERATOR = "operator"  # also the capture queue
    ADMIN = "admin"  # also settings, members, provider, audit

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Path(StrEnum):
    """The way by which one copy of a message came to us."""

    BCC = "bcc"
    GMAIL = "gmail"
    CRM = "crm"


class Paths(IntFlag):
    """Every path by which an entry's message was seen (C8); a bit each, so that adding one is a single update."""

    BCC = 1
    GMAIL = 2
    CRM = 4

    @classmethod
    def of(cls, path: Path) -> "Paths":
        return cls[path.name]

    def words(self) -> list[str]:
        return [str(path) for path in Path if Paths.of(path) in self]


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CaptureState(StrEnum):
    """What a receipt means for one location."""

    RECEIVED = "received"  # durable here, not yet decided
    RECORDED = "recorded"  # there is an entry
    HELD = "held"  # an operator decides
    REJECTED = "rejected"  # a person, or the end of the retention, said no
    IGNORED = "ignored"  # a rule says that it is not to be recorded; content is not kept
    FAILED = "failed"  # our fault; tried again by itself


class ContactSource(StrEnum):
    CRM = "crm"
    BCC = "bcc"
    GOOGLE = "google"
    CAPTURE = "capture"


class SenderList(StrEnum):
    """What a pattern (an address, or a domain) is listed for."""

    ALLOWED = "allowed"  # C4: may write to the location's BCC addresses, if authenticated
    BLOCKED = "blocked"  # D2: rejected without asking anybody
    NEVER_LOG = "never_log"  # B13: mail with such a party is not recorded, by a location or by a user


class Automatic(StrEnum):
    """C7: what kind of automatic mail this is."""

    BOUNCE = "bounce"
    AUTO_REPLY = "auto-reply"
    LIST = "list"
    FEEDBACK = "feedback"
    CALENDAR = "calendar"
    LOOP = "loop"


class DeliveryState(StrEnum):
    """What a mail system says of one recipient of a recorded message (C7)."""

    FAILED = "failed"
    DELAYED = "delayed"  # it is still tried


class IdentityOrigin(StrEnum):
    """How an address came to be a user's."""

    LOGIN = "login"
    ALIAS = "alias"  # given by hand, verified by a mail to it
    GMAIL = "gmail"
    SEND_AS = "send_as"


class AttachmentState(StrEnum):
    STORED = "stored"
    TOO_LARGE = "too_large"  # E4: listed by name and size only
