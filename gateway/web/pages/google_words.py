"""How a way through Google's consent ended: what is so, and what to do next. Translated where it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_store.rules.permissions import Permission
from gateway.google.ending import Word
from gateway.web.pages.reader import say


@dataclass(frozen=True, slots=True)
class Words:
    """title: what happened. advice: what to do next."""

    title: str
    advice: str


NOTHING_CHANGED = say("Nothing was connected, and nothing has changed.")
_WORDS: Mapping[Word, Words] = {
    Word.CONNECTED: Words(say("Gmail is connected"), say("Mail with your contacts is recorded from this moment on.")),
    Word.SIGNED_IN: Words(say("You are signed in with Google again"), say("The sync goes on where it stood.")),
    Word.REPLACED: Words(
        say("The other Gmail account is connected"),
        say("It has taken the place of the one before. History and settings stay."),
    ),
    Word.ACCOUNT_TAKEN: Words(
        say("This Google account is connected already"),
        say("One Google account has one connection. If it is yours, use Update or Sign in again there."),
    ),
    Word.OTHER_ACCOUNT: Words(
        say("That was another Google account"),
        say("Sign in again with the account that is connected. To put another one in its place, use Update."),
    ),
    Word.CHANGED_MEANWHILE: Words(
        say("The connection has changed meanwhile"), say("Look at it now, and begin again if you still want to.")
    ),
    Word.NOT_A_MEMBER: Words(
        say("You are no longer a member of this location"), say("Connect Gmail from a location in which you work.")
    ),
    Word.NO_LASTING_ACCESS: Words(
        say("Google gave no lasting access"),
        say("Remove this program's access at myaccount.google.com/permissions, then connect again."),
    ),
    Word.UNKNOWN: Words(say("This is not a way back from Google"), say("Begin again with Connect.")),
    Word.EXPIRED: Words(
        say("That took too long"), say("Connecting has to be finished within 10 minutes. Begin again.")
    ),
    Word.USED: Words(
        say("This page was used already"), say("Look whether the account is connected; else begin again.")
    ),
    Word.OTHER_SESSION: Words(
        say("This was begun in another browser"), say("Begin again here, or go on in the browser where it was begun.")
    ),
    Word.CANCELLED: Words(say("You cancelled at Google"), say("Begin again whenever you want.")),
    Word.DECLINED: Words(
        say("Not connected, as you decided"), say("If somebody sent you here, they cannot see your mail.")
    ),
    Word.MISSING_PERMISSIONS: Words(
        say("A permission is missing"), say("Begin again, and leave all boxes ticked on Google's page. Missing is:")
    ),
    Word.NO_MAILBOX: Words(say("This Google account has no Gmail mailbox"), say("Choose an account that has one.")),
    Word.ORGANISATION_FORBIDS: Words(
        say("Your organisation does not allow this program"),
        say("Ask the administrator of your Google Workspace to allow it, then begin again."),
    ),
    Word.SIGN_IN_LOST: Words(
        say("This sign-in is over"), say("It took longer than 10 minutes, or was begun elsewhere. Sign in again.")
    ),
    Word.NO_SUCH_USER: Words(
        say("Nobody here signs in with this Google account"),
        say(
            "Take the account with your login e-mail, or sign in with your password. Where that e-mail is neither "
            "Gmail nor Google Workspace, connect its mailbox once; from then on it signs you in."
        ),
    ),
    Word.GOOGLE_AWAY: Words(say("Google does not answer just now"), say("Begin again in a few minutes.")),
    Word.GOOGLE_REFUSED: Words(
        say("Google refused"),
        say("Begin again. If it happens again, whoever runs this installation finds the reason in the log."),
    ),
}
# As Google's own consent page names them.
PERMISSIONS: Mapping[Permission, str] = {
    Permission.MAIL: say("Read, compose, and send emails from your Gmail account"),
    Permission.CONTACTS: say("See and download your contacts"),
}
_KEEPS = frozenset({Word.CONNECTED, Word.SIGNED_IN, Word.REPLACED, Word.CHANGED_MEANWHILE, Word.USED, Word.DECLINED})


def words_of(word: Word) -> Words:
    return _WORDS[word]


def leaves_all_as_it_was(word: Word) -> bool:
    """Whether that is to be said: after a success it is not so, and else it is not always known."""
    return word not in _KEEPS
