"""Every table, in an order in which they can be created."""

from peewee import Model

from crm_store.models.bcc import AddressBookVersion, BccAddress, BccTest
from crm_store.models.captures import AuditRow, Capture, CaptureRecipient, DecisionRow, IdempotentReply, Receipt
from crm_store.models.connections import Connection, OAuthFlow, Revocation
from crm_store.models.contact_import import ContactImport, ImportedPerson, MergeSuggestion
from crm_store.models.contacts import Contact, ContactAddress, Conversation, Thread
from crm_store.models.drafts import Draft, DraftFile
from crm_store.models.google_logins import GoogleLogin
from crm_store.models.mailboxes import GmailMessage, Mailbox, ReadWish
from crm_store.models.messages import (
    Attachment,
    Blob,
    BlobErasure,
    BounceReport,
    Entry,
    Message,
    MessageContent,
    Sighting,
    ThreadParty,
    ThreadReference,
    Undelivered,
)
from crm_store.models.notices import MailCount, PendingIdentity, QueueDigest, WaitingNotice
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.models.people import ApiToken, Identity, Location, Membership, User
from crm_store.models.providers import LocationProvider
from crm_store.models.pushes import MailboxWatch
from crm_store.models.reparse import Reparse
from crm_store.models.search import ContactWords, EntryWords, SearchFill, SearchShelf
from crm_store.models.sender_lists import ListedSender
from crm_store.models.web import FirstRunLink, InstallationAdmin, SignInCount, WebSession

TABLES: tuple[type[Model], ...] = (
    Location,
    User,
    Membership,
    Identity,
    ApiToken,
    BccAddress,
    AddressBookVersion,
    BccTest,
    Contact,
    ContactAddress,
    Conversation,
    Thread,
    Blob,
    BlobErasure,
    Message,
    MessageContent,
    Sighting,
    Attachment,
    Entry,
    Undelivered,
    BounceReport,
    ThreadReference,
    ThreadParty,
    Receipt,
    Capture,
    CaptureRecipient,
    DecisionRow,
    AuditRow,
    IdempotentReply,
    ListedSender,
    Reparse,
    WebSession,
    SignInCount,
    FirstRunLink,
    InstallationAdmin,
    Connection,
    OAuthFlow,
    Revocation,
    GoogleLogin,
    Mailbox,
    GmailMessage,
    ReadWish,
    MailboxWatch,
    ContactImport,
    ImportedPerson,
    MergeSuggestion,
    OutboxLane,
    Email,
    Delivery,
    LocationProvider,
    Draft,
    DraftFile,
    SearchShelf,
    EntryWords,
    ContactWords,
    SearchFill,
    WaitingNotice,
    PendingIdentity,
    QueueDigest,
    MailCount,
)
