"""users.settings.sendAs: the addresses that an account may send from."""

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.json_value import JsonObject
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.accounts import Address


def list_send_as(call: Call) -> JsonObject:
    """The primary address too."""
    return {"sendAs": [_shown(address) for address in _addresses(call)]}


def get_send_as(call: Call) -> JsonObject:
    wanted = accounts.normal(call.parameters.text("sendAsEmail"))
    for address in _addresses(call):
        if address.address == wanted:
            return _shown(address)
    raise errors.not_found()


def _addresses(call: Call) -> list[Address]:
    return [address for address in accounts.addresses(call.store, call.account.id) if address.kind != "former"]


def _shown(address: Address) -> JsonObject:
    shown: JsonObject = {
        "sendAsEmail": address.address,
        "displayName": address.display_name,
        "replyToAddress": "",
        "signature": "",
    }
    if address.kind == "primary":
        shown |= {"isPrimary": True, "isDefault": address.is_default}
    else:
        shown |= {"treatAsAlias": True, "verificationStatus": "accepted" if address.verified else "pending"}
    return shown
