"""What a credential may be used for: where it is injected, and by which tools.

The words are those of injection templates elsewhere: ``hostPattern``, ``headerName``,
``valuePrefix``, and a list of allowed tools. A template that annulet cannot honour to the letter
is refused when it is made, never skipped when it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from annulet.errors import UsageError

_HOST: Final = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_IPV6: Final = re.compile(r"\[?[0-9a-f:]+\]?")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_TOOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_TEMPLATE_FIELDS: Final = frozenset({"hostPattern", "injectionType", "headerName", "valuePrefix"})
_LONGEST_PREFIX: Final = 64
_HOP_BY_HOP: Final = frozenset(
    {"connection", "content-length", "cookie", "host", "te", "transfer-encoding", "upgrade"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionTemplate:
    """The header, the prefix and the hosts with which a value may be sent.

    Attributes:
        host_pattern: A host name, or ``*.`` and a domain of two labels or more.
        header_name: The header that carries the value.
        value_prefix: What stands before the value, such as ``Bearer ``.

    Raises:
        UsageError: It could not be honoured to the letter.
    """

    host_pattern: str
    header_name: str = "Authorization"
    value_prefix: str = ""

    def __post_init__(self) -> None:
        host = self.host_pattern
        if not (_HOST.fullmatch(host) or (":" in host and _IPV6.fullmatch(host))):
            raise _template_error("hostPattern is not a host name in small letters")
        if host.startswith("*.") and host.count(".") <= 1:
            raise _template_error("hostPattern covers a whole top-level domain")
        if not _HEADER.fullmatch(self.header_name):
            raise _template_error("headerName is not a header name")
        if self.header_name.casefold() in _HOP_BY_HOP:
            raise _template_error("headerName belongs to the connection itself")
        prefix = self.value_prefix
        if len(prefix) > _LONGEST_PREFIX or any(not " " <= letter <= "~" for letter in prefix):
            raise _template_error("valuePrefix holds something a header cannot carry")

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> InjectionTemplate:
        """Read a template from JSON.

        Raises:
            UsageError: It asks for something annulet does not do, such as query injection.
        """
        unknown = sorted(set(raw) - _TEMPLATE_FIELDS)
        if unknown:
            raise _template_error("it has fields annulet does not know")
        if raw.get("injectionType", "header") != "header":
            raise _template_error("injectionType can only be header")
        values = [raw.get("hostPattern"), raw.get("headerName", ""), raw.get("valuePrefix", "")]
        if not all(isinstance(value, str) for value in values):
            raise _template_error("its fields are not text")
        return cls(
            host_pattern=str(values[0]),
            header_name=str(values[1]) or "Authorization",
            value_prefix=str(values[2]),
        )

    def as_dict(self) -> dict[str, str]:
        """The template as JSON."""
        return {
            "hostPattern": self.host_pattern,
            "injectionType": "header",
            "headerName": self.header_name,
            "valuePrefix": self.value_prefix,
        }

    def covers(self, host: str) -> bool:
        """Whether the value may be sent to this host."""
        return fnmatchcase(host.casefold().rstrip("."), self.host_pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialPolicy:
    """The hosts that a credential may be sent to and the tools that may use it; empty means none.

    Attributes:
        templates: How it is injected.
        allowed_tools: Names of the tools that may use it.
    """

    templates: tuple[InjectionTemplate, ...] = ()
    allowed_tools: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.allowed_tools:
            check_tool_name(name)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> CredentialPolicy:
        """Read a policy from its sealed form."""
        return cls(
            templates=tuple(
                InjectionTemplate.from_dict(template) for template in raw.get("templates", ())
            ),
            allowed_tools=tuple(raw.get("allowed_tools", ())),
        )

    def as_dict(self) -> dict[str, object]:
        """The policy in its sealed form."""
        return {
            "templates": [template.as_dict() for template in self.templates],
            "allowed_tools": list(self.allowed_tools),
        }

    def allows(self, tool: str) -> bool:
        """Whether this tool may use the credential."""
        return tool in self.allowed_tools

    def with_tools(self, tools: Iterable[str]) -> CredentialPolicy:
        """The policy with these tools allowed as well."""
        merged = tuple(sorted({*self.allowed_tools, *tools}))
        return CredentialPolicy(templates=self.templates, allowed_tools=merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One credential of the vault, unsealed.

    Attributes:
        account: Whose it is.
        name: What it is: ``oura`` (the grant) or ``application`` (client id and secret).
        fields: Its values in the clear; not part of the repr.
        policy: Where it may go and who may use it.
        generation: Grows with every change of the values.
        state: What is known about it that is not secret.
        key_id: The key that sealed it.
        changed_at: When the values were last written (epoch seconds).
    """

    account: str
    name: str
    fields: Mapping[str, object] = field(repr=False)
    policy: CredentialPolicy = CredentialPolicy()
    generation: int = 1
    state: Mapping[str, object] = field(default_factory=dict)
    key_id: str = ""
    changed_at: float = 0.0


def check_tool_name(name: str) -> str:
    """Return the name if it is valid for a tool.

    Raises:
        UsageError: It cannot.
    """
    if not _TOOL.fullmatch(name):
        raise UsageError(
            "A tool's name has letters, digits and . _ : - only, at most 64 of them.",
            hint="Give a short name such as bash.",
        )
    return name


def _template_error(reason: str) -> UsageError:
    return UsageError(
        f"This injection template cannot be honoured: {reason}.",
        hint="A template has hostPattern, headerName and valuePrefix, and injects a header.",
    )
