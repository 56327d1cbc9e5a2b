"""/users"""

from fastapi import Response

from crm_store import identities, users
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.users import UserView
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id
from gateway.web.shapes.user import NewUser, User, UserChanges, settings_of, user

router = api_router("users")


@router.post("/users", status_code=201, response_model=User, summary="Make a user")
def add_user(token: Token, once: Once, body: NewUser) -> Response:
    """Takes an --admin token. The e-mail is the login and the user's first identity."""
    now = now_ms()
    settings, password = settings_of(body), body.get("password")
    with asked_by(token) as access:
        access.require_installation_admin()
        hashed = None if password is None else users.hash_password(password)
        return once.once(
            access,
            lambda: user(users.add(body["email"], settings, password_hash=hashed, by=access.user_id, now_ms=now), []),
            now_ms=now,
        )


@router.get("/users/{user_id}", summary="Read a user")
def get_user(token: Token, user_id: Id) -> User:
    """Oneself, members of a location for its admins, anybody for an --admin token."""
    with asked_by(token) as access:
        return _shown(access, users.get(access, user_id))


@router.patch("/users/{user_id}", summary="Change a user's settings")
def change_user(token: Token, user_id: Id, body: UserChanges) -> User:
    """Oneself, anybody for an --admin token."""
    with asked_by(token) as access:
        return _shown(access, users.change(access, user_id, dict(body), now_ms=now_ms()))


def _shown(access: Access, view: UserView) -> User:
    return user(view, identities.pending(access, view.id, now_ms=now_ms()))
