"""What the queue says in few words. Whole sentences about a capture are crm_store/wording.py's."""

from collections.abc import Mapping

from crm_store.rules.rule import Reason
from crm_store.rules.states import CaptureState
from gateway.web.pages.reader import say

STATES: Mapping[CaptureState, str] = {
    CaptureState.HELD: say("Held"),
    CaptureState.FAILED: say("Failed"),
    CaptureState.RECEIVED: say("Being checked"),
    CaptureState.RECORDED: say("Recorded"),
    CaptureState.REJECTED: say("Rejected"),
    CaptureState.IGNORED: say("Ignored"),
}
ALL = say("All")

# Why something is held, in the two or three words of a chip.
_HELD: Mapping[str, str] = {
    Reason.NOT_AUTHENTICATED: say("Sender not proven"),
    Reason.SENDER_NOT_ALLOWED: say("Sender not known"),
    Reason.AUTHENTICATION_WAITS: say("DNS did not answer"),
    Reason.NAME_IMITATES: say("Name shows another address"),
    Reason.DOMAIN_IMITATES: say("Domain imitates yours"),
    Reason.NO_AUTHOR: say("No sender named"),
    Reason.UNREADABLE: say("Damaged"),
    Reason.NO_OUTSIDE_RECIPIENT: say("No outside recipient"),
    Reason.FORWARD_UNSURE: say("Original is a guess"),
    Reason.FORWARDER_NOT_ALLOWED: say("Forwarded automatically"),
    Reason.FORWARDER_NOT_PROVEN: say("Forwarder not proven"),
    Reason.FORWARD_TO_NOBODY: say("Nobody outside in it"),
    Reason.ONLY_TO_BCC_ADDRESS: say("Only to the BCC address"),
    Reason.AUTOMATIC: say("Automatic mail"),
    Reason.TO_POSTMASTER: say("To the postmaster"),
    Reason.SELF_TEST_UNPROVEN: say("Test, sender not proven"),
}
_HELD_OTHERWISE = say("Needs a decision")

RESULTS: Mapping[str, str] = {
    "pass": say("passed"),
    "fail": say("failed"),
    "softfail": say("probably not allowed"),
    "neutral": say("says nothing"),
    "none": say("not there"),
    "policy": say("not accepted"),
    "temperror": say("no answer so far"),
    "permerror": say("published with mistakes"),
}

# Steps of the audit log, as "capture.approve".
STEPS: Mapping[str, str] = {
    "capture.approve": say("approved it"),
    "capture.reject": say("rejected it"),
    "capture.retry": say("had it tried again"),
    "capture.undo": say("took the decision back"),
}


def chip(reason_code: str | None) -> str:
    return _HELD.get(reason_code or "", _HELD_OTHERWISE)
