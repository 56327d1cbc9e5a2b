"""What README and deploy/*.md name is there, and both languages say the same."""

import re
from pathlib import Path

import pytest

from crm_store.command.main import build
from crm_store.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("deploy/*.md")])
FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:`|^)sunnyday ([a-z]+)", re.MULTILINE)


def settings_in(text: str) -> list[str]:
    """In the order in which they are named."""
    return re.findall(rf"{PREFIX}[A-Z_]+", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_a_page_names_exists(page: Path):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(settings_in(page.read_text()))
    assert named, "it names none: has the form of their names changed?"
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path):
    app = build()
    known = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    named = set(COMMAND.findall(page.read_text()))
    assert named
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_a_page_leads_to_exists(page: Path):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("deploy/*.id.md")), ids=lambda page: page.name)
def test_both_languages_name_the_same_records_settings_and_commands(page: Path):
    indonesian = page.read_text()
    english = page.with_name(page.name.replace(".id.md", ".md")).read_text()
    assert FENCED.findall(indonesian) == FENCED.findall(english)
    assert settings_in(indonesian) == settings_in(english)
    assert re.findall(r"^#+ \d*", indonesian, re.MULTILINE) == re.findall(r"^#+ \d*", english, re.MULTILINE)
    assert re.findall(r"^\| ([A-Z]+) \| (`[^`]+`)", indonesian, re.MULTILINE) == re.findall(
        r"^\| ([A-Z]+) \| (`[^`]+`)", english, re.MULTILINE
    )
