"""Which methods the sandbox has, and what each costs (facts/gmail.md 1.6: the prices since 1 May 2026)."""

from collections.abc import Mapping

from syncer.sandbox.api.call import Implementation
from syncer.sandbox.gmail import drafts, history, labels, reading, settings, watching, writing
from syncer.sandbox.people import listing

# Prices that the facts do not name are those of Google's page before May 2026.
IMPLEMENTATIONS: Mapping[str, Implementation] = {
    "gmail.users.getProfile": Implementation(1, reading.get_profile),
    "gmail.users.watch": Implementation(100, watching.watch),
    "gmail.users.stop": Implementation(50, watching.stop),
    "gmail.users.history.list": Implementation(2, history.list_history),
    "gmail.users.messages.list": Implementation(5, reading.list_messages),
    "gmail.users.messages.get": Implementation(20, reading.get_message),
    "gmail.users.messages.attachments.get": Implementation(20, reading.get_attachment),
    "gmail.users.messages.send": Implementation(100, writing.send_message),
    "gmail.users.messages.insert": Implementation(25, writing.insert_message),
    "gmail.users.messages.import": Implementation(25, writing.import_message),
    "gmail.users.messages.modify": Implementation(5, writing.modify_message),
    "gmail.users.messages.batchModify": Implementation(50, writing.batch_modify),
    "gmail.users.messages.trash": Implementation(20, writing.trash_message),
    "gmail.users.messages.untrash": Implementation(20, writing.untrash_message),
    "gmail.users.messages.delete": Implementation(10, writing.delete_message),
    "gmail.users.messages.batchDelete": Implementation(50, writing.batch_delete),
    "gmail.users.threads.list": Implementation(10, reading.list_threads),
    "gmail.users.threads.get": Implementation(40, reading.get_thread),
    "gmail.users.drafts.list": Implementation(5, drafts.list_drafts),
    "gmail.users.drafts.get": Implementation(20, drafts.get_draft),
    "gmail.users.drafts.create": Implementation(10, drafts.create_draft),
    "gmail.users.drafts.update": Implementation(15, drafts.update_draft),
    "gmail.users.drafts.delete": Implementation(10, drafts.delete_draft),
    "gmail.users.drafts.send": Implementation(100, drafts.send_draft),
    "gmail.users.labels.list": Implementation(1, labels.list_labels),
    "gmail.users.labels.get": Implementation(1, labels.get_label),
    "gmail.users.labels.create": Implementation(5, labels.create_label),
    "gmail.users.labels.update": Implementation(5, labels.update_label),
    "gmail.users.labels.patch": Implementation(5, labels.update_label),
    "gmail.users.labels.delete": Implementation(5, labels.delete_label),
    "gmail.users.settings.sendAs.list": Implementation(1, settings.list_send_as),
    "gmail.users.settings.sendAs.get": Implementation(1, settings.get_send_as),
    # People has a quota of its own, in calls: no units of Gmail's.
    "people.people.connections.list": Implementation(0, listing.list_connections),
    "people.people.get": Implementation(0, listing.get_person),
    "people.otherContacts.list": Implementation(0, listing.list_other_contacts),
}
