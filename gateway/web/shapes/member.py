"""Members of a location, and their BCC addresses."""

from typing import Literal

from pydantic import Field, StrictInt

from crm_store.bcc_addresses import BccAddressView
from crm_store.members import MemberView
from crm_store.rules.states import Role
from gateway.web.shapes.fields import Body, Shape, Time, shown_time, shown_time_or_none

RoleWord = Literal["user", "operator", "admin"]


class Membership(Body):
    role: RoleWord

    def as_role(self) -> Role:
        return Role(self.role)


class Member(Shape):
    user_id: str
    name: str
    email: str
    role: RoleWord


class Replacement(Body):
    grace_days: StrictInt | None = Field(
        None,
        description="how long the old address works on: 0 for one that leaked; null: the location's bcc_grace_days",
    )


class PreviousAddress(Shape):
    address: str
    until: Time


class BccAddress(Shape):
    address: str | None = Field(description="null while it is switched off")
    active: bool
    last_capture_at: Time | None
    previous: list[PreviousAddress] = Field(description="replaced, and working until the time named")


def member(view: MemberView) -> Member:
    return Member(user_id=str(view.user_id), name=view.name, email=view.email, role=view.role.value)


def bcc_address(view: BccAddressView) -> BccAddress:
    return BccAddress(
        address=view.address,
        active=view.active,
        last_capture_at=shown_time_or_none(view.last_capture_at_ms),
        previous=[PreviousAddress(address=one.address, until=shown_time(one.until_ms)) for one in view.previous],
    )
