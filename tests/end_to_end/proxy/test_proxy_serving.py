"""The sockets of the proxy."""

import socket
import stat
from pathlib import Path

import pytest

from annulet.errors import UsageError
from annulet.proxy.serving import allowed_hosts, bind_loopback, bind_unix


def test_the_port_is_on_loopback_and_sends_at_once() -> None:
    """Without the named protocol each answer would wait 40 ms for an acknowledgement."""
    with bind_loopback(0) as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        assert listener.proto == socket.IPPROTO_TCP
        names = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}
        assert allowed_hosts(listener) == names
        with pytest.raises(UsageError, match=str(port)):
            bind_loopback(port)


def test_a_dead_socket_is_replaced_and_a_living_one_is_not(tmp_path: Path) -> None:
    """A crash leaves a file behind; a running proxy is left alone."""
    path = tmp_path / "p.sock"
    with bind_unix(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(UsageError):
            bind_unix(path)
    assert path.exists()
    with bind_unix(path):
        assert path.is_socket()


def test_a_file_in_its_place_is_kept(tmp_path: Path) -> None:
    """Only sockets are ever removed."""
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(UsageError):
        bind_unix(path)
    assert path.read_text() == "mine"
    with pytest.raises(UsageError):
        bind_unix(tmp_path / ("long" * 60))


def test_port_eighty_needs_no_number() -> None:
    """There, a Host header names none."""

    class Eighty:
        family = socket.AF_INET

        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", 80

    assert b"localhost" in allowed_hosts(Eighty())
