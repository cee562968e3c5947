"""A migration takes nothing away that the version before uses, unless it says so (decision 34)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import annulet.hosted.migrations
from annulet.hosted.database.format import revision_name
from annulet.hosted.database.tables import FORMAT
from annulet.hosted.migrations.upgrade import load_revision

NUMBERS = range(1, FORMAT + 1)
_NAME = r'"?(\w+)"?'
FORBIDDEN = {
    "a table is dropped": rf"DROP TABLE (?:IF EXISTS )?{_NAME}",
    "a view is dropped": rf"DROP VIEW (?:IF EXISTS )?{_NAME}",
    "a table is renamed": rf"ALTER TABLE {_NAME} RENAME TO",
    "a column is renamed": rf"ALTER TABLE {_NAME} RENAME (?:COLUMN )?\w+ TO",
    "a column is dropped": rf"ALTER TABLE {_NAME} DROP (?:COLUMN )?(?!CONSTRAINT)",
    "a column gets another type": rf"ALTER TABLE {_NAME} ALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE",
    "a column must be filled": rf"ALTER TABLE {_NAME} ALTER (?:COLUMN )?\w+ SET NOT NULL",
    "a new column must be filled": (
        rf"ALTER TABLE {_NAME} ADD (?:COLUMN )?(?!CONSTRAINT)(?!.*DEFAULT).*NOT NULL"
    ),
    "an index locks a table": rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON {_NAME}",
    "a constraint locks a table": rf"ALTER TABLE {_NAME} ADD CONSTRAINT (?!.*NOT VALID)",
}
"""What an expand step must not do to a table that was there before it, by the words for it."""


def read_statements(number: int) -> list[str]:
    """The statements of one revision on PostgreSQL, those of its preparation first."""
    text = io.StringIO()
    config = Config(output_buffer=text)
    folder = Path(annulet.hosted.migrations.__file__).parent
    config.set_main_option("script_location", str(folder))
    before = revision_name(number - 1) if number > 1 else "base"
    command.upgrade(config, f"{before}:{revision_name(number)}", sql=True)
    prepared = getattr(load_revision(number), "PREPARATION", ())
    return [*prepared, *re.sub(r"--.*", "", text.getvalue()).split(";")]


def find_forbidden(statements: Iterable[str]) -> list[str]:
    """What an expand step would take away from the version before."""
    flat = [" ".join(statement.split()) for statement in statements]
    made = {name for text in flat for name in re.findall(rf"^CREATE TABLE {_NAME}", text)}
    views = {name for text in flat for name in re.findall(rf"^CREATE VIEW {_NAME}", text)}
    return [
        f"{words}: {text}"
        for text in flat
        for words, pattern in FORBIDDEN.items()
        if (match := re.match(pattern, text, re.IGNORECASE))
        # no version before knows a table that is made here, and a view goes on under its name
        if match[1] not in made and not ("renamed" in words and match[1] in views)
    ]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_migration_is_an_expand_step_or_says_that_it_is_none(number: int) -> None:
    """It keeps what the version before uses; a contract step names the first version without it."""
    revision = load_revision(number)
    assert 1 <= revision.READABLE_FROM <= number
    if getattr(revision, "IS_CONTRACT", False):
        assert revision.READABLE_FROM > load_revision(number - 1).READABLE_FROM
        return
    assert max(1, number - 1) >= revision.READABLE_FROM, "the version before can use it"
    assert find_forbidden(read_statements(number)) == []


def test_the_statements_are_read() -> None:
    """The rule sees what the migrations do."""
    statements = [text for number in NUMBERS for text in read_statements(number)]
    assert sum("CREATE TABLE" in text for text in statements) > 20
    assert any("ALTER TABLE people ADD COLUMN" in text for text in statements)
    assert any("CREATE VIEW audit" in text for text in statements)


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["DROP TABLE jobs"], "a table is dropped"),
        (["DROP VIEW audit"], "a view is dropped"),
        (["ALTER TABLE jobs RENAME TO tasks"], "a table is renamed"),
        (["ALTER TABLE jobs RENAME kind TO name"], "a column is renamed"),
        (["ALTER TABLE jobs DROP COLUMN kind"], "a column is dropped"),
        (["ALTER TABLE jobs ALTER COLUMN kind TYPE TEXT"], "a column gets another type"),
        (["ALTER TABLE jobs ALTER COLUMN kind SET NOT NULL"], "a column must be filled"),
        (["ALTER TABLE jobs ADD COLUMN x BIGINT NOT NULL"], "a new column must be filled"),
        (["CREATE INDEX ix_x ON audit_entries (tool)"], "an index locks a table"),
        (
            ["ALTER TABLE jobs ADD CONSTRAINT fk_x FOREIGN KEY (x) REFERENCES people (id)"],
            "a constraint locks a table",
        ),
    ],
)
def test_each_forbidden_step_is_found(statements: Sequence[str], words: str) -> None:
    """A step that would break the version before does not pass."""
    assert [problem.split(":")[0] for problem in find_forbidden(statements)] == [words]


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE new (id INT)", "CREATE INDEX ix_new ON new (id)", "DROP TABLE new"],
        ["ALTER TABLE jobs RENAME TO tasks", "CREATE VIEW jobs AS SELECT * FROM tasks"],
        ["ALTER TABLE jobs ADD COLUMN x BIGINT"],
        ["ALTER TABLE jobs ADD COLUMN x BIGINT DEFAULT 0 NOT NULL"],
        ["CREATE INDEX CONCURRENTLY ix_x ON audit_entries (tool)"],
        ["ALTER TABLE jobs ADD CONSTRAINT ck_x CHECK (attempts > 0) NOT VALID"],
    ],
)
def test_what_an_expand_step_may_do(statements: Sequence[str]) -> None:
    """Whatever is added, the version before does not notice."""
    assert find_forbidden(statements) == []
