"""Addresses that people type into a form or a command. Never used to refuse what mail says of itself."""

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from crm_store.errors import Invalid
from crm_store.rules.address import normalise

# .test or .local are an installation's own business; whether a domain exists is for the mail to find out. The list is
# the library's documented switch, its arguments leave these domains refused.
SPECIAL_USE_DOMAIN_NAMES.clear()


def check(address: str, field: str = "address") -> tuple[str, str]:
    """The address as it is shown, and its normal form. Raises: Invalid with what is wrong with it."""
    try:
        shown = validate_email(address.strip(), check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError as error:
        raise Invalid(field, str(error)) from error
    return shown, normalise(shown)


def wire_form(address: str, field: str) -> str:
    """As SMTP carries it, the domain in A-labels (RFC 5890 §2.3.2.1; case as typed).

    Raises: Invalid for no address, and for a name that only SMTPUTF8 could carry (RFC 6531): few hosts take it."""
    try:
        known = validate_email(address.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise Invalid(field, str(error)) from error
    if known.ascii_email is None:
        raise Invalid(field, "has letters before the @ that mail to most hosts can't carry")
    return known.ascii_email
