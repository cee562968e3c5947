"""What to type into which field when an application is registered at Oura."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annulet.contract.scopes import SCOPES
from annulet.oauth.loopback_server import CALLBACK_PATH, PORTS

PORTAL: Final = "https://developer.ouraring.com/applications"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of Oura's form.

    Attributes:
        name: What it is called there, or nearly so.
        value: What to type.
        why: What it is for; empty where that is plain.
    """

    name: str
    value: str
    why: str = ""


def redirect_uris(ports: tuple[int, ...] = PORTS) -> tuple[str, ...]:
    """The addresses to register, letter by letter: Oura compares them exactly."""
    return tuple(f"http://localhost:{port}{CALLBACK_PATH}" for port in ports)


FORM: Final = (
    Field("Name", "annulet", "You will see it on Oura's consent page."),
    Field("Description", "My own Oura data in my own assistant"),
    Field("Contact e-mail", "your own e-mail address"),
    Field(
        "Website", "any https address of yours", "A profile page will do; no visitor is sent there."
    ),
    Field("Privacy policy", "the same address"),
    Field("Terms of service", "the same address"),
    Field(
        "Redirect URIs",
        "\n".join(redirect_uris()),
        "Both, exactly like this: http, localhost, no slash at the end.",
    ),
    Field(
        "Scopes",
        ", ".join(SCOPES),
        "Tick all of them; on the consent page you choose again, and may leave some out.",
    ),
    Field(
        "Authentication",
        "server-side (authorization code)",
        "If the form asks; client-side authentication is not needed.",
    ),
)
