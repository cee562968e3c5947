"""``annulet serve`` prints what is wrong before it starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from annulet.cli import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with a database in it."""
    for name in ("ANNULET_KEY", "ANNULET_KEY_FILE", "ANNULET_DATABASE_URL", "ANNULET_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    assert run(["admin", "show"]) == 0
    return tmp_path


def test_a_busy_port_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is that of wrong usage."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert run(["serve", "--port", str(listener.getsockname()[1])]) == 2
    assert "cannot be used" in capsys.readouterr().err


def test_a_newer_database_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The operator reads why the service does not start."""
    engine = create_engine(f"sqlite:///{home / 'annulet.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE options SET value = '9999' WHERE name = 'readable_from'"))
    engine.dispose()
    assert run(["serve", "--port", "0"]) == 6
    assert "newer annulet" in capsys.readouterr().err


def test_an_unsafe_single_user_mode_is_reported(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service without sign-in is not served beyond this machine."""
    monkeypatch.setenv("ANNULET_SINGLE_USER", "1")
    monkeypatch.setenv("ANNULET_PUBLIC_URL", "https://ring.example.org")
    assert run(["serve", "--port", "0"]) == 2
    assert "only on this machine" in capsys.readouterr().err


def test_a_worker_without_postgresql_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which setting it needs, and makes no database."""
    monkeypatch.delenv("ANNULET_DATABASE_URL", raising=False)
    monkeypatch.setenv("ANNULET_HOME", str(tmp_path))
    assert run(["worker"]) == 2
    assert "ANNULET_DATABASE_URL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
