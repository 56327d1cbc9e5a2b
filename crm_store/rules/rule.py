"""The numbers of spec/rules.md that decisions quote."""

from enum import StrEnum


class Rule(StrEnum):
    A6 = "A6"  # it was there before connecting
    B0 = "B0"  # recorded: it answers a recorded message, or a party is a contact
    B1 = "B1"  # a contact wrote it
    B2 = "B2"  # sent to a contact
    B3 = "B3"  # the CRM sent it
    B4 = "B4"  # nobody in it is a contact
    B5 = "B5"  # confidential: members among themselves
    B9 = "B9"  # it belongs to the thread that it answers
    B10 = "B10"  # the talk goes on in another location
    B12 = "B12"  # draft, spam, trash, chat: no mail, or no longer
    B13 = "B13"  # a party is on a never-log list
    B17 = "B17"  # it names no ids, and goes on with a talk of the same people
    C1 = "C1"  # a BCC address that works no more, or is being tested
    C2 = "C2"  # the first outside To owns a new thread
    C4 = "C4"  # who may write to a BCC address
    C5 = "C5"  # reply-alls that reach a BCC address
    C6 = "C6"  # forwarded to the BCC address alone
    C7 = "C7"  # automatic mail
    C8 = "C8"  # the same message again
    C10 = "C10"  # it can't be read at all
    D2 = "D2"  # an operator decided
    D4 = "D4"  # the end of the location's retention
    E9 = "E9"  # the CRM sent it to somebody new
    F1 = "F1"  # accepted, so it is kept where it can be found
    G3 = "G3"  # it was un-logged


class Reason(StrEnum):
    """Why, as a constant word; pages and commands say it in the reader's language (crm_store/wording.py)."""

    NEW_THREAD = "new-thread"
    NEW_CONTACT = "new-contact"
    ANSWERS_THREAD = "answers-thread"
    RESUMES_THREAD = "resumes-thread"
    SAME_MESSAGE = "same-message"
    INTERNAL_MAIL = "internal-mail"
    NEVER_LOGGED = "never-logged"
    ABOUT_OTHER_MAIL = "about-other-mail"
    BOUNCE_SHOWN = "bounce-shown"
    MAIL_LOOP = "mail-loop"
    LIST_MAIL = "list-mail"
    AUTOMATIC = "automatic"
    ANSWERS_ELSEWHERE = "answers-elsewhere"
    NO_CONTACT = "no-contact"
    NOT_MAIL = "not-mail"
    GONE = "gone"
    BEFORE_CONNECTING = "before-connecting"
    SET_ASIDE = "set-aside"
    UN_LOGGED = "un-logged"
    ADDRESS_RETIRED = "address-retired"
    ADDRESS_UNKNOWN = "address-unknown"
    SELF_TEST = "self-test"
    SELF_TEST_UNPROVEN = "self-test-unproven"
    NOT_AUTHENTICATED = "not-authenticated"
    AUTHENTICATION_WAITS = "authentication-waits"
    SENDER_NOT_ALLOWED = "sender-not-allowed"
    NAME_IMITATES = "name-imitates"
    DOMAIN_IMITATES = "domain-imitates"
    NO_AUTHOR = "no-author"
    UNREADABLE = "unreadable"
    NO_OUTSIDE_RECIPIENT = "no-outside-recipient"
    FORWARDED = "forwarded"
    FORWARD_UNSURE = "forward-unsure"
    FORWARDER_NOT_ALLOWED = "forwarder-not-allowed"
    FORWARDER_NOT_PROVEN = "forwarder-not-proven"
    FORWARD_TO_NOBODY = "forward-to-nobody"
    ONLY_TO_BCC_ADDRESS = "only-to-bcc-address"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENDER_BLOCKED = "sender-blocked"
    RETENTION_ENDED = "retention-ended"
    TO_POSTMASTER = "to-postmaster"
