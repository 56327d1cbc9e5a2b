"""/first-run/{token}: the link that `sunnyday serve` prints while nobody can sign in."""

from fastapi import Response

from crm_store import first_run, users
from crm_store.database.session import connected
from crm_store.errors import Invalid
from crm_store.first_run import FirstPeople
from gateway.web.pages import cookies, form_problems, languages, time_zones
from gateway.web.pages.page_route import page_router
from gateway.web.pages.rendering import page
from gateway.web.pages.sign_in import let_in
from gateway.web.pages.visit import Visit, Visitor

router = page_router()
_FIELDS = ("location_name", "name", "email", "language", "time_zone")


@router.get("/first-run/{token}")
def show_first_run(visit: Visitor, token: str) -> Response:
    with connected():
        first_run.check(token)
    return _form(visit, {"language": visit.language, "time_zone": time_zones.usual_in(visit.language)})


@router.post("/first-run/{token}")
def take_first_run(visit: Visitor, token: str) -> Response:
    with connected():
        first_run.check(token)  # before the work of a password
    said = {name: visit.line(name) for name in _FIELDS}
    try:
        if visit.form.get("password") != visit.form.get("again"):
            raise Invalid("again", "is another one")
        user_id = _finish(visit, token, said)
    except Invalid as error:
        return _form(visit, said, error)
    return let_in(visit, user_id, "/")


def _finish(visit: Visit, token: str, said: dict[str, str]) -> int:
    """Raises: NotFound, Invalid; its field is the form's."""
    for name in ("location_name", "name", "email"):
        if not said[name]:
            raise Invalid(name, "is missing")
    if said["language"] not in languages.LANGUAGES:
        raise Invalid("language", "is not one of ours")
    people = FirstPeople(
        location_name=said["location_name"],
        name=said["name"],
        email=said["email"],
        password_hash=users.hash_password(visit.form.get("password", "")),
        locale=said["language"],
        time_zone=said["time_zone"],
    )
    with connected():
        domain = visit.site.settings.capture_domains[0]
        return first_run.finish(token, people, domain=domain, now_ms=visit.now_ms)


def _form(visit: Visit, said: dict[str, str], error: Invalid | None = None) -> Response:
    answer = page(
        visit,
        "first_run.html",
        status=200 if error is None else 422,
        said={name: said.get(name, "") for name in _FIELDS},
        problems=form_problems.of(visit.reader, error),
        named_zones=[(zone, zone.replace("_", " ")) for zone in time_zones.all_names()],
        shortest_password=users.MIN_PASSWORD_LENGTH,
    )
    return cookies.keep_visit(answer, visit)
