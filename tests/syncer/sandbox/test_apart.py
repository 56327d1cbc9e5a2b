"""The sandbox is Google's side: it knows nothing of the CRM, and the product nothing of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox.api.discovery import methods
from syncer.sandbox.api.implementations import IMPLEMENTATIONS

ROOT = Path(__file__).parents[3]
SANDBOX = ROOT / "syncer" / "sandbox"
ALLOWED = (
    "crm_store.mail.",
    "crm_store.settings",
    "crm_store.clock",
    "crm_store.logs",
    "crm_store.errors",
    "crm_store.command.invocation",
)
OURS = ("crm_store", "gateway", "syncer")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_the_sandbox_takes_from_the_product_what_reads_mail_and_starts_a_command():
    files = list(SANDBOX.rglob("*.py"))
    taken = {name for path in files for name in imports(path) if name.startswith(OURS)}
    assert len(files) > 30
    assert [name for name in sorted(taken) if not name.startswith((*ALLOWED, "syncer.sandbox."))] == []


@pytest.mark.parametrize("part", OURS)
def test_the_product_does_not_know_the_sandbox(part):
    files = [path for path in (ROOT / part).rglob("*.py") if SANDBOX not in path.parents]
    assert files
    assert [path for path in files if any(name.startswith("syncer.sandbox") for name in imports(path))] == []


def test_every_method_that_the_sandbox_has_is_one_of_googles():
    assert {method.id for method in methods()} >= IMPLEMENTATIONS.keys()
