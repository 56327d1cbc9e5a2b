"""What marks and kinds of entries are called."""

from collections.abc import Mapping

from crm_store.rules.states import Automatic, Path
from gateway.web.pages.reader import say

PATHS: Mapping[str, str] = {Path.BCC: "BCC", Path.GMAIL: "Gmail", Path.CRM: "CRM"}  # names, the same in all languages
AUTOMATIC: Mapping[Automatic, str] = {
    Automatic.BOUNCE: say("Bounce"),
    Automatic.AUTO_REPLY: say("Automatic reply"),
    Automatic.LIST: say("Mailing list"),
    Automatic.FEEDBACK: say("Spam report"),
    Automatic.CALENDAR: say("Calendar"),
    Automatic.LOOP: say("Mail loop"),
}
MARKS: Mapping[str, str] = {
    "duplicate_id": say("Another mail has the same Message-ID"),
    "new_address": say("Answered from an address that is new in this talk"),
    "unreadable": say("Parts of it could not be read"),
}
