"""/sandbox/api/accounts: accounts, their addresses, history ids and grants."""

from fastapi import APIRouter, HTTPException

from syncer.sandbox.control import shapes
from syncer.sandbox.control.asking import KnownAccount, Sandbox
from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts, history
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.oauth import grants, scopes

router = APIRouter(prefix="/accounts", tags=["accounts"])


@router.get("")
async def every_account(google: Sandbox) -> list[shapes.AccountShown]:
    return [_shown(google, account) for account in accounts.every(google.store)]


@router.post("", status_code=201)
async def add_account(google: Sandbox, made: shapes.AccountMade) -> shapes.AccountShown:
    name = made.name or made.email.partition("@")[0]
    try:
        return _shown(google, accounts.add(google.store, made.email, name, google.now_ms()))
    except ValueError as error:
        raise HTTPException(409, str(error)) from None


@router.post("/{email}/rename")
async def rename(google: Sandbox, account: KnownAccount, made: shapes.AccountMade) -> shapes.AccountShown:
    """Another address for the same sub; mail to the old one still arrives."""
    _refuse_foreign(google, account, made.email)
    accounts.rename(google.store, account, made.email)
    return _shown(google, accounts.by_id(google.store, account.id))


@router.put("/{email}/aliases", status_code=204)
async def save_alias(google: Sandbox, account: KnownAccount, made: shapes.AliasMade) -> None:
    """A send-as address; one that is not verified is listed, and neither sends nor receives."""
    _refuse_foreign(google, account, made.address)
    accounts.add_alias(google.store, account.id, made.address, made.name, verified=made.verified)


@router.delete("/{email}/aliases/{address}", status_code=204)
async def remove_alias(google: Sandbox, account: KnownAccount, address: str) -> None:
    if not accounts.remove_alias(google.store, account.id, address):
        raise HTTPException(404, "There is no such alias.")


@router.post("/{email}/history/expire", status_code=204)
async def expire_history(google: Sandbox, account: KnownAccount) -> None:
    """Every history id that was ever told is out of date from now on."""
    history.expire(google.store, account.id, google.now_ms())


@router.post("/{email}/history/jump", status_code=204)
async def jump(google: Sandbox, account: KnownAccount, to: shapes.HistoryJump) -> None:
    """Ids go on from here: they may pass 2^63."""
    if not int(history.current(google.store, account.id)) < int(to.to) < 2**64 - 10**6:
        raise HTTPException(422, "It must be larger than the mailbox's id, and leave room below 2^64.")
    history.jump(google.store, account.id, int(to.to), google.now_ms())


@router.post("/{email}/grants", status_code=201)
async def grant(google: Sandbox, account: KnownAccount, made: shapes.GrantMade) -> shapes.Tokens:
    """As if the person had consented in the browser."""
    now_ms, valid_s, wanted = google.now_ms(), google.behaviour.access_token_s, scopes.asked(made.scopes)
    granted = grants.extend(google.store, account.id, made.client_id, wanted)
    return shapes.Tokens(
        access_token=grants.new_access_token(google.store, granted, wanted, now_ms, valid_s),
        refresh_token=grants.new_refresh_token(google.store, granted, wanted, now_ms),
        expires_in=valid_s,
        scope=" ".join(wanted),
    )


@router.delete("/{email}/grants", status_code=204)
async def revoke_grants(google: Sandbox, account: KnownAccount) -> None:
    """As if the person had removed every app's access."""
    for granted in grants.of_account(google.store, account.id):
        grants.revoke_grant(google.store, granted.id, google.now_ms())


@router.post("/{email}/expire-access-tokens", status_code=204)
async def expire_access_tokens(google: Sandbox, account: KnownAccount) -> None:
    """Refresh tokens stay good."""
    grants.expire_access_tokens(google.store, account.id)


def _refuse_foreign(google: Google, account: Account, address: str) -> None:
    """Raises: HTTPException 409 for an address that is somebody else's."""
    owner = accounts.owner_of(google.store, address)
    if owner and owner.id != account.id:
        raise HTTPException(409, "The address belongs to another account.")


def _shown(google: Google, account: Account) -> shapes.AccountShown:
    return shapes.AccountShown(
        sub=account.sub,
        email=account.email,
        name=account.name,
        history_id=history.shown(history.current(google.store, account.id)),
        messages=google.store.count("select count(*) from messages where account_id = ?", account.id),
    )
