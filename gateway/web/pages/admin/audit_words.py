"""What was done, in words. An action that is not here is shown as it is written."""

from collections.abc import Mapping

from gateway.web.pages.reader import Reader, say

SENTENCES: Mapping[str, str] = {
    "allowed_senders.add": say("allowed a sender"),
    "allowed_senders.remove": say("took a sender off the allowed ones"),
    "bcc_address.replace": say("replaced a BCC address"),
    "bcc_address.switch_off": say("switched off a BCC address"),
    "bcc_address.test": say("began a test of a BCC address"),
    "blocked_senders.add": say("blocked a sender"),
    "blocked_senders.remove": say("took a sender off the blocked ones"),
    "capture.approve": say("approved a capture"),
    "capture.expire": say("let a capture's time run out"),
    "capture.reject": say("rejected a capture"),
    "capture.retry": say("had a capture tried again"),
    "capture.undo": say("took a decision on a capture back"),
    "connection.backfill": say("asked for older mail of a Gmail account"),
    "connection.backfill_stop": say("stopped fetching older mail of a Gmail account"),
    "connection.begin": say("began to connect a Gmail account"),
    "connection.change": say("changed the settings of a Gmail account"),
    "connection.connected": say("connected a Gmail account"),
    "connection.disconnect": say("disconnected a Gmail account"),
    "connection.replaced": say("put another Gmail account in a connection's place"),
    "connection.signed_in": say("signed in to a Gmail account again"),
    "connection.sync": say("asked for a sync now"),
    "contact.add": say("added a contact"),
    "contact.change": say("changed a contact"),
    "contact.delete": say("deleted a contact"),
    "contact.merge": say("merged two contacts"),
    "contact.restore": say("brought a deleted contact back"),
    "conversation.read": say("read a conversation"),
    "email.cancel": say("cancelled an e-mail"),
    "email.resolve": say("said what became of an e-mail"),
    "email.retry": say("had an e-mail sent again"),
    "email.send": say("sent an e-mail"),
    "entry.remove": say("took a mail out of a conversation"),
    "entry.restore": say("brought a mail back into a conversation"),
    "location.add": say("made the location"),
    "location.change": say("changed the location's settings"),
    "member.put": say("made somebody a member, or changed the role"),
    "member.remove": say("removed a member"),
    "merge_suggestion.dismiss": say("dismissed a suggestion to merge"),
    "never_log_senders.add": say("put somebody on the never-log list"),
    "never_log_senders.remove": say("took somebody off the never-log list"),
    "provider.put": say("set the e-mail provider"),
    "provider.remove": say("removed the e-mail provider"),
    "provider.test": say("tested the e-mail provider"),
    "thread.merge": say("merged two threads"),
    "thread.move": say("moved a thread to another contact"),
    "thread.split": say("split a thread"),
}


def sentence(reader: Reader, action: str) -> str:
    return reader.gettext(SENTENCES[action]) if action in SENTENCES else action
