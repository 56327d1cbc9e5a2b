"""What is wrong with a field of a form, in the reader's language. The store's own words are for the API and the log."""

from collections.abc import Mapping

from crm_store.errors import Invalid
from crm_store.users import MIN_PASSWORD_LENGTH
from gateway.web.pages.reader import Reader, say

_BY_FIELD: Mapping[str, str] = {
    "email": say("Enter an e-mail address, such as ani@company.com."),
    "name": say("Enter a name with 1 to 200 characters."),
    "location_name": say("Enter a name with 1 to 200 characters."),
    "again": say("The two passwords are not the same."),
    "time_zone": say("Choose a time zone from the list."),
    "language": say("Choose a language from the list."),
    "locale": say("Choose a language from the list."),
}
_ANY = say("This can't be taken. Correct it, please.")


def of(reader: Reader, error: Invalid | None) -> dict[str, str]:
    """By the field's name; empty where nothing is wrong."""
    if error is None:
        return {}
    if error.field == "password":
        words = reader.gettext("Use at least %(count)s characters.", count=reader.number(MIN_PASSWORD_LENGTH))
        return {"password": words}
    return {error.field: reader.gettext(_BY_FIELD.get(error.field, _ANY))}
