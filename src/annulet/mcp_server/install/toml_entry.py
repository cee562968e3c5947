"""One server of a TOML file added, replaced or removed; every other line stays as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from annulet.mcp_server.assistants.config_file import ServerEntry
from annulet.mcp_server.install.config_errors import ConfigFormError, MalformedConfigError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Comment, Item, Key, Table, Whitespace


class _Place(NamedTuple):
    """Where a table stands in the document.

    Attributes:
        container: The table of all servers, or a part of it.
        position: The place of the table in the container.
        key: Its key.
        table: The table.
    """

    container: Container
    position: int
    key: Key
    table: Table


def add_entry(text: str, section: str, name: str, entry: ServerEntry) -> str:
    """Return the text with the entry as a table of its own.

    Raises:
        MalformedConfigError: The text cannot be read.
        ConfigFormError: The section or the entry is written in another form.
    """
    import tomlkit

    document = _parse(text)
    place = _find(document, section, name)
    table = _build_table(entry)
    if place is None:
        new = tomlkit.document()
        new.add(section, tomlkit.table(is_super_table=True).add(name, table))
        body = text.rstrip()
        return _keep_line_ends(text, (f"{body}\n\n" if body else "") + tomlkit.dumps(new))
    for item in _pop_tail(place.table):
        table.add(item)
    place.container.body[place.position] = (place.key, table)
    return _keep_line_ends(text, tomlkit.dumps(document))


def remove_entry(text: str, section: str, name: str) -> str:
    """Return the text without the entry; the same text where there is none.

    Raises:
        MalformedConfigError: The text cannot be read.
        ConfigFormError: The section or the entry is written in another form.
    """
    import tomlkit

    document = _parse(text)
    place = _find(document, section, name)
    if place is None:
        return text
    tail: list[tuple[Key | None, Item]] = [(None, item) for item in _pop_tail(place.table)]
    while tail and not tail[0][1].as_string().strip():
        del tail[0]
    place.container.body[place.position : place.position + 1] = tail
    return tomlkit.dumps(document)


def _parse(text: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError:
        raise MalformedConfigError("as TOML") from None


def _find(document: TOMLDocument, section: str, name: str) -> _Place | None:
    """Find the one table of the entry; ``None`` where there is no entry.

    Raises:
        ConfigFormError: The section or the entry is no table, or the entry is in two parts.
    """
    from tomlkit.items import Table

    places = []
    for section_key, servers in document.body:
        if section_key is None or section_key.key != section:
            continue
        if not isinstance(servers, Table) or section_key.is_dotted():
            raise ConfigFormError
        for index, (key, item) in enumerate(servers.value.body):
            if key is None or key.key != name:
                continue
            if not isinstance(item, Table):
                raise ConfigFormError
            places.append(_Place(servers.value, index, key, item))
    if len(places) > 1:
        raise ConfigFormError
    return places[0] if places else None


def _pop_tail(table: Table) -> list[Comment | Whitespace]:
    """Remove the blank lines and comments at the end of a table: they belong to the next one."""
    from tomlkit.items import Comment, Table, Whitespace

    body = table.value.body
    while body and isinstance(body[-1][1], Table):
        body = body[-1][1].value.body
    tail: list[Comment | Whitespace] = []
    while body and isinstance(item := body[-1][1], Comment | Whitespace):
        tail.append(item)
        body.pop()
    return tail[::-1]


def _build_table(entry: ServerEntry) -> Table:
    import tomlkit

    table = tomlkit.table()
    for key, value in entry.items():
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table.add(key, inline)
        else:
            table.add(key, value)
    return table


def _keep_line_ends(before: str, after: str) -> str:
    """Return the new text with the line ends of the former one."""
    has_crlf = "\r\n" in before and before.count("\n") == before.count("\r\n")
    return re.sub(r"(?<!\r)\n", "\r\n", after) if has_crlf else after
