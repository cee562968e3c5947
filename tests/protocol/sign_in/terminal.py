"""A terminal in which an assistant's own log-in command runs, with a person beside it.

The command believes that it has opened a browser. Whatever address it shows is visited by the
person, who allows the request and is sent on to the callback that the command listens at.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

COLOURS = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[a-zA-Z]")
ASKED = re.compile(r"(http://127\.0\.0\.1:\d+(?:/oauth)?/authorize\?[\w&=%.~+-]+)[^\w&=%.~+-]")
LONGEST = 120


def run(command, *, environment, folder, person, until=""):
    """Run a command to its end, or until a word appears.

    Returns:
        What it printed, and the address that the person visited; empty where there was none.
    """
    screen, theirs = pty.openpty()
    # so wide that an address stays on one line
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 4000, 0, 0))
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    output, visited, end = "", "", time.monotonic() + LONGEST
    try:
        while time.monotonic() < end and not (until and until in output):
            if select.select([screen], [], [], 0.3)[0]:
                part = _read(screen)
                if not part:
                    break
                output += COLOURS.sub("", part)
            if not visited and (asked := ASKED.search(output)):
                visited = asked.group(1)
                allow(person, visited)
    finally:
        os.close(screen)
        _end(process)
    return output, visited


def allow(person, address):
    """The person reads the consent page and allows the request; returns what the page said."""
    page = person.get(address)
    assert "Allow" in page, page[:500]
    person.submit("/authorize", decision="allow", endpoint="new")
    return page


def _read(screen):
    try:
        return os.read(screen, 65_536).decode(errors="replace")
    except OSError:  # the other side has gone
        return ""


def _end(process):
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2)
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
