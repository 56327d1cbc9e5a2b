"""Members of a location."""

from typing import Literal

from crm_store.members import MemberView
from crm_store.rules.states import Role
from gateway.web.shapes.fields import Body, Shape

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


def member(view: MemberView) -> Member:
    return Member(user_id=str(view.user_id), name=view.name, email=view.email, role=view.role.value)
