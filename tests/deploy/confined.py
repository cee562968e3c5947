"""Programs without privileges on a read-only file system, as units and containers run them.

What systemd does with namespaces is done here with ``unshare``, ``mount`` and ``setpriv``: another
user, no capabilities, no new privileges, no memory that is writable and executable, homes that are
empty but for Python and the project where they are there, and no place to write but the given one.
System calls are not filtered.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER = 65_534
_MDWE = (
    "import ctypes, os, sys\n"
    "ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_SCRIPT = """\
set -e
mount --make-rprivate /
mount -t tmpfs none /mnt
number=0
for place in {needed}; do
  number=$((number + 1)); mkdir /mnt/$number; mount --rbind "$place" /mnt/$number
done
for place in /root /home; do mount -t tmpfs -o mode=755 none $place; done
number=0
for place in {needed}; do
  number=$((number + 1)); mkdir -p "$place"; mount --rbind /mnt/$number "$place"
done
umount --recursive /mnt
for place in {writable}; do mount --bind "$place" "$place"; done
awk '$2 !~ "^/(proc|sys|dev)(/|$)" {{print $2}}' /proc/self/mounts | while read -r place; do
  mount -o remount,bind,ro "$place" 2>/dev/null || true
done
for place in {writable}; do mount -o remount,bind,rw "$place"; done
cd /
exec setpriv --reuid={user} --regid={user} --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all env -i {variables} {command}
"""


def confine(
    command: Sequence[str], variables: Mapping[str, str], writable: Sequence[Path] = ()
) -> list[str]:
    """Build the command that runs another one confined.

    Args:
        command: Its first word is the path of a program.
        variables: Its whole environment.
        writable: The only folders that it may write to.
    """
    words = [sys.executable, "-c", _MDWE, *command]
    needed = {str(place) for place in (ROOT, sys.prefix, sys.base_prefix, *writable)}
    in_homes = sorted(place for place in needed if place.startswith(("/root/", "/home/")))
    script = _SCRIPT.format(
        needed=shlex.join(in_homes),
        user=USER,
        writable=" ".join(shlex.quote(str(place)) for place in writable),
        variables=" ".join(shlex.quote(f"{name}={value}") for name, value in variables.items()),
        command=shlex.join(words),
    )
    return ["unshare", "--mount", "bash", "-c", script]


def skip_unless_possible(folder: Path) -> None:
    """Skip where this machine cannot confine a program, or the user may not read the project."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can take the rights of a program away")
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("needs unshare and setpriv of util-linux")
    probe = f"import annulet, pathlib; pathlib.Path({str(folder / 'probe')!r}).touch()"
    outcome = subprocess.run(
        confine([sys.executable, "-c", probe], {}), capture_output=True, text=True, check=False
    )
    if "Read-only file system" not in outcome.stderr:
        pytest.skip(f"this machine does not let a program be confined: {outcome.stderr[-300:]}")


def open_folder(folder: Path) -> Path:
    """Make a folder that belongs to the user."""
    folder.mkdir(exist_ok=True)
    os.chown(folder, USER, USER)
    return folder
