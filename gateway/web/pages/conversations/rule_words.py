"""What each rule that decisions quote says, in one sentence (spec/rules.md)."""

from collections.abc import Mapping

from crm_store.rules.rule import Rule
from gateway.web.pages.reader import say

RULES: Mapping[Rule, str] = {
    Rule.A6: say("Mail from before a mailbox was connected is not recorded."),
    Rule.B0: say("Mail is recorded when it answers a recorded mail, or when its author or a recipient is a contact."),
    Rule.B1: say("Mail from a contact is recorded in the contact's conversation."),
    Rule.B2: say("Mail that is sent from Gmail to a contact is recorded in the contact's conversation."),
    Rule.B3: say("Mail that the CRM sends is recorded once, also when its copy is seen in Gmail's Sent folder."),
    Rule.B4: say("The Gmail path makes no contacts: mail in which nobody is a contact is not recorded."),
    Rule.B5: say("Mail between members alone is confidential and is not recorded."),
    Rule.B9: say("An answer belongs to the thread of the mail that it answers, whatever its subject says."),
    Rule.B10: say("An answer is recorded in the locations where the mail that it answers is recorded."),
    Rule.B12: say("Drafts, spam, trash and chats are not recorded."),
    Rule.B13: say("Mail with a party on a never-log list is not recorded."),
    Rule.B17: say("A mail without references continues the latest talk of the same people with the same subject."),
    Rule.C1: say("A BCC address works while it is switched on, and for a while after it was replaced."),
    Rule.C2: say("On the BCC path the first outside address in To owns the conversation, and becomes a contact."),
    Rule.C4: say("Only its owner, and whom the location allows, may write to a BCC address, and must be proven."),
    Rule.C5: say("Replies to all that reach a BCC address are recorded when their author is a party of the thread."),
    Rule.C6: say("Of a mail that was forwarded to the BCC address alone, the original inside is recorded."),
    Rule.C7: say("Automatic mail makes no contact, and is marked as automatic where it is recorded."),
    Rule.C8: say("The same mail by several ways is one mail, with one entry that names all of them."),
    Rule.C10: say("A broken mail is recorded as far as it can be read."),
    Rule.D2: say("An operator decided about it in the capture queue."),
    Rule.D4: say("What nobody decides about is rejected at the end of the location's retention."),
    Rule.E9: say("An e-mail of the CRM to somebody new makes a contact of the first outside recipient."),
    Rule.F1: say("Whatever was accepted is kept where it can be found."),
    Rule.G3: say("A mail that was removed from a conversation stays away, whatever way it comes again."),
}
