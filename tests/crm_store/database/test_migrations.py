"""The schema: the same by migration as from the models, on both databases, also when two start at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from peewee import PostgresqlDatabase

from crm_store.database import engine
from crm_store.database.migrate import DIRECTORY, migrate, pending, runner
from crm_store.database.session import connected
from crm_store.models.captures import CaptureRecipient
from crm_store.models.schema import TABLES
from crm_store.settings import load

# What a database says of itself. Peewee's own diff misses types, nullability and what foreign keys do (design.md).
SQLITE_CATALOGUE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
POSTGRESQL_CATALOGUE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, character_maximum_length::text
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '' FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1, 2, 3"""

NAMES = sorted(path.stem for path in DIRECTORY.glob("0*.py"))

# One user of two locations, and a mail to each of their addresses there.
RECEIVED = (
    "INSERT INTO location (name, locale, time_zone, retention_days, bcc_grace_days, own_domains, read_state_sync,"
    " own_provider_for_individual, created_at_ms) SELECT name, 'en', 'UTC', 30, 30, '[]', 1 = 0, 1 = 0, 0"
    " FROM (SELECT 'Satu' AS name UNION ALL SELECT 'Dua') names",
    "INSERT INTO crm_user (email, email_normal, name, signature, undo_s, created_at_ms) VALUES ('a', 'a', 'Ani', '', 10, 0)",
    "INSERT INTO bcc_address (location_id, user_id, address, created_at_ms, version)"
    " SELECT id, 1, 'ani-' || id, 0, id FROM location",
    "INSERT INTO receipt (intake_id, received_at_ms) SELECT 'r' || id, 0 FROM location",
    "INSERT INTO capture (receipt_id, location_id, state, suggestions, received_at_ms, attempts)"
    " SELECT id, id, 'received', '[]', 0, 0 FROM location ORDER BY id",
    "INSERT INTO capture_recipient (capture_id, bcc_address_id, user_id) SELECT id, id, 1 FROM capture ORDER BY id",
)


def catalogue() -> list[tuple]:
    with connected():
        sql = SQLITE_CATALOGUE if engine.on_sqlite() else POSTGRESQL_CATALOGUE
        rows = engine.database.execute_sql(sql).fetchall()
    return [row for row in rows if "schema_migration" not in f"{row[1]} {row[2]}"]


@pytest.fixture(params=["sqlite", "postgresql"])
def two_empty_databases(request, tmp_path):
    if request.param == "sqlite":
        yield [{"SUNNYDAY_DATA": str(tmp_path / name)} for name in ("migrated", "fresh")]
        return
    server = request.getfixturevalue("postgres_server")
    urls = [server.create_database() for _ in range(2)]
    yield [{"SUNNYDAY_DATA": str(tmp_path), "SUNNYDAY_DATABASE_URL": url} for url in urls]
    engine.database.obj.close_all()
    for url in urls:
        server.drop_database(url)


def test_a_migrated_database_is_what_the_models_would_make(two_empty_databases):
    migrated, fresh = map(load, two_empty_databases)
    migrate(migrated)
    by_migration = catalogue()
    engine.database.obj.close_all()

    engine.configure(fresh)
    fresh.data.mkdir(parents=True, exist_ok=True)
    with connected():
        for table in TABLES:
            table.create_table(safe=False)
    assert len(by_migration) > len(TABLES)
    assert catalogue() == by_migration


def test_what_was_received_before_the_second_migration_is_its_users_in_its_location(two_empty_databases):
    settings = load(two_empty_databases[0])
    settings.data.mkdir(parents=True, exist_ok=True)
    engine.configure(settings)
    with connected():
        runner().up("0001_initial")
        for statement in RECEIVED:
            engine.database.execute_sql(statement)
    migrate(settings)
    with connected():
        rows = engine.database.execute_sql(
            "SELECT id, user_id, location_id FROM capture_recipient ORDER BY id"
        ).fetchall()
        assert rows == [(1, 1, 1), (2, 1, 2)]
        made = CaptureRecipient.create(capture_id=2, bcc_address_id=1, user_id=1, location_id=1)
        assert made.id == 3


def test_migrating_again_changes_nothing(two_empty_databases):
    settings = load(two_empty_databases[0])
    assert migrate(settings) == NAMES
    assert migrate(settings) == []
    with connected():
        assert pending() == []


def test_processes_that_migrate_at_once_all_succeed_and_one_does_it(two_empty_databases):
    environ = two_empty_databases[0]
    script = "from crm_store.settings import load; from crm_store.database.migrate import migrate; print(len(migrate(load())))"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script], env={"PYTHONPATH": str(Path.cwd()), **environ}, stdout=-1, stderr=-1
        )
        for _ in range(4)
    ]
    outcomes = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outcomes
    assert sorted(int(out) for out, _ in outcomes) == [0, 0, 0, len(NAMES)]


def test_a_migration_that_fails_half_way_changes_nothing(two_empty_databases, tmp_path, monkeypatch):
    from crm_store.database import migrate as module

    settings = load(two_empty_databases[0])
    migrate(settings)
    before = catalogue()
    steps = tmp_path / "steps"
    steps.mkdir()
    for name in NAMES:
        steps.joinpath(f"{name}.py").write_text((module.DIRECTORY / f"{name}.py").read_text())
    steps.joinpath("9999_breaks.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (id INTEGER)')\n    raise RuntimeError('half-way')\n"
    )
    monkeypatch.setattr(module, "DIRECTORY", steps)

    with pytest.raises(RuntimeError, match="half-way"):
        migrate(settings)

    assert catalogue() == before
    with connected():
        assert pending() == ["9999_breaks"]
    monkeypatch.undo()
    assert migrate(settings) == []


def test_postgresql_commits_are_durable_and_sqlite_ones_are_full(store):
    if isinstance(engine.database.obj, PostgresqlDatabase):
        assert engine.database.execute_sql("SHOW synchronous_commit").fetchone() == ("on",)
    else:
        assert engine.database.execute_sql("PRAGMA synchronous").fetchone() == (2,)
        assert engine.database.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)
        assert engine.database.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)
