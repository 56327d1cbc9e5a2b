"""The headers by which automatic mail tells that it is (RFC 3834 §5, RFC 2919, RFC 3462)."""

from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.clean_text import clean_line
from crm_store.mail.limits import Limits
from crm_store.mail.parsed_mail import AutomaticSigns
from crm_store.mail.structure import Part


def automatic_signs(root: Part, limits: Limits) -> AutomaticSigns:
    """Values in lower case, "" where absent."""

    def value(name: str) -> str:
        return clean_line(decode_header_bytes(root.headers.first(name)[: limits.subject_chars])).casefold()

    # As written: a report whose parts cannot be found is a report still.
    content_type = value("content-type").partition(";")[0].strip()
    report = root.parameters.get("report-type", "").casefold()
    return AutomaticSigns(
        auto_submitted=value("auto-submitted"),
        precedence=value("precedence"),
        list_id=value("list-id"),
        content_type=f"{content_type}; report-type={report}" if report else content_type,
        return_path_is_null="".join(value("return-path").split()) == "<>",
    )
