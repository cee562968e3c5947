"""Settings are read once, checked, and complained about by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from annulet.environment_reader import check_url
from annulet.errors import UsageError
from annulet.settings import Settings


def test_defaults() -> None:
    """An empty environment gives the documented defaults."""
    settings = Settings.from_environ({})
    assert settings.oura_api_url == "https://api.ouraring.com"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert (settings.signup, settings.capacity, settings.single_user) == ("open", 10, False)
    assert settings.home.name == "annulet"


def test_the_public_address_follows_the_port() -> None:
    """A changed port changes the links."""
    assert Settings.from_environ({"ANNULET_PORT": "9000"}).public_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANNULET_OURA_API_URL", "http://api.ouraring.com"),
        ("ANNULET_OURA_API_URL", "ftp://127.0.0.1"),
        ("ANNULET_OURA_API_URL", "https://user:pass@api.ouraring.com"),
        ("ANNULET_OURA_API_URL", "nonsense"),
        ("ANNULET_OURA_API_URL", "https://[half-a-bracket"),
        ("ANNULET_OURA_ISSUER_URL", "http://127.0.0.1:99999"),
        ("ANNULET_OURA_TOKEN_URL", "http://localhost.example.org/token"),
        ("ANNULET_PUBLIC_URL", "https://ring.example.org/oura"),
        ("ANNULET_PUBLIC_URL", "https://ring.example.org?a=b"),
        ("ANNULET_PUBLIC_URL", "https://ring.example.org?"),
        ("ANNULET_PUBLIC_URL", "https://ring.example.org#"),
        ("ANNULET_PUBLIC_URL", "https://*.example.org"),
        ("ANNULET_TIMEZONE", "Mars/Olympus"),
        ("ANNULET_TIMEZONE", "../etc/passwd"),
        ("ANNULET_PORT", "http"),
        ("ANNULET_PORT", "99999"),
        ("ANNULET_PORT", "9" * 5000),
        ("ANNULET_CAPACITY", "-1"),
        ("ANNULET_DATABASE_POOL", "0"),
        ("ANNULET_STATEMENT_TIMEOUT_S", "soon"),
        ("ANNULET_CAPACITY", "²"),
        ("ANNULET_SIGNUP", "maybe"),
        ("ANNULET_MCP_CONTENT", "json"),
        ("ANNULET_SMTP_URL", "smtp://mail.example.org"),
        ("ANNULET_SMTP_URL", "mail.example.org:587"),
        ("ANNULET_SMTP_URL", "smtps://[::1"),
        ("ANNULET_MAIL_FROM", "annulet"),
        ("ANNULET_OIDC_ISSUER", "http://login.example.org"),
        ("ANNULET_OIDC_ISSUER", "https://login.example.org"),
        ("ANNULET_MAIL_FROM", "a@example.org,b@example.org"),
        ("ANNULET_SINGLE_USER", "perhaps"),
        ("ANNULET_CLIENT_SECRET_FILE", "/nowhere/at/all"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    """The message names the variable, the hint says what to write."""
    with pytest.raises(UsageError) as caught:
        Settings.from_environ({name: value})
    assert name.removesuffix("_FILE") in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("host", ["127.0.0.1:8", "localhost", "[::1]:9000"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    """Loopback hosts need no certificate."""
    assert check_url("X", f"http://{host}/") == f"http://{host}"


def test_secrets_do_not_print(tmp_path: Path) -> None:
    """A secret from a file, a key and a token leave no trace in the repr."""
    file = tmp_path / "secret"
    file.write_text("planted-secret\n")
    settings = Settings.from_environ(
        {
            "ANNULET_CLIENT_SECRET_FILE": str(file),
            "ANNULET_KEY": "planted-key",
            "ANNULET_ACCESS_TOKEN": "planted-token",
        }
    )
    assert settings.client_secret is not None
    assert settings.client_secret.reveal() == "planted-secret"
    assert "planted" not in f"{settings!r} {settings.key} {settings.access_token:>20}"


def test_addresses_with_passwords_come_from_files(tmp_path: Path) -> None:
    """As containers are given them; they leave no trace in the repr."""
    database, mail = tmp_path / "database", tmp_path / "mail"
    database.write_text("postgresql://annulet:planted@database/annulet\n")
    mail.write_text("smtps://annulet:planted@mail.example.org\n")
    settings = Settings.from_environ(
        {"ANNULET_DATABASE_URL_FILE": str(database), "ANNULET_SMTP_URL_FILE": str(mail)}
    )
    assert settings.database_url == "postgresql://annulet:planted@database/annulet"
    assert settings.smtp_url is not None
    assert settings.smtp_url.reveal() == "smtps://annulet:planted@mail.example.org"
    assert "planted" not in repr(settings)
    with pytest.raises(UsageError, match="ANNULET_DATABASE_URL_FILE"):
        Settings.from_environ({"ANNULET_DATABASE_URL_FILE": str(tmp_path / "nothing")})


def test_an_empty_secret_file_is_told(tmp_path: Path) -> None:
    """An empty file is a mistake, not an empty secret."""
    file = tmp_path / "secret"
    file.touch()
    with pytest.raises(UsageError, match="empty"):
        Settings.from_environ({"ANNULET_CLIENT_SECRET_FILE": str(file)})
