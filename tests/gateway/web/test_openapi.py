"""The OpenAPI document is what programs are written by: it has to say what is so."""

import pytest

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def document(web):
    answer = web.call("GET", "/api/v1/openapi.json")
    assert answer.status == 200
    return answer.json


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_takes_the_bearer_token_and_has_a_summary(document):
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for name, operation in operations(document):
        assert operation["security"] == [{"token": []}], name
        assert operation["summary"], name


def test_every_error_that_is_declared_is_a_problem_document(document):
    for name, operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"401", "503"} <= set(errors), name
        assert "{" not in name or "404" in errors, name
        for answer in errors.values():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }, name
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert document["components"]["schemas"]["FieldError"]


def test_every_reference_leads_somewhere(document):
    found = []

    def walk(node):
        if isinstance(node, dict):
            found.extend([node["$ref"]] if "$ref" in node else [])
            node = list(node.values())
        if isinstance(node, list):
            for one in node:
                walk(one)

    walk(document)
    assert found
    for reference in set(found):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference


def test_names_are_those_of_the_contract(document):
    schemas = document["components"]["schemas"]
    assert set(schemas["Message"]["properties"]) == {
        "id", "message_id", "subject", "from", "to", "cc", "bcc", "sent_at", "text", "reply_text", "has_html", "attachments",
    }  # fmt: skip
    assert schemas["Contact"]["properties"]["id"]["type"] == "string"
    raw = document["paths"]["/api/v1/entries/{entry_id}/raw"]["get"]["responses"]["200"]["content"]
    assert list(raw) == ["message/rfc822"]
    parameter = document["paths"]["/api/v1/contacts/{contact_id}"]["get"]["parameters"][0]["schema"]
    assert parameter["type"] == "string"


def test_there_is_no_page_that_takes_its_scripts_from_elsewhere(web):
    for path in ("/docs", "/redoc", "/api/v1/docs", "/openapi.json"):
        assert web.call("GET", path).status == 404
