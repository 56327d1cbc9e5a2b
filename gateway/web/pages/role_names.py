"""What the roles are called."""

from crm_store.rules.states import Role
from gateway.web.pages.reader import Reader, say

_NAMES = {Role.USER: say("User"), Role.OPERATOR: say("Operator"), Role.ADMIN: say("Admin")}


def role_names(reader: Reader) -> dict[Role, str]:
    """In the order of what they may do."""
    return {role: reader.gettext(name) for role, name in _NAMES.items()}
