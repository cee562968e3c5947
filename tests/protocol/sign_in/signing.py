"""``make sign-in``: real assistants sign in to a running service and ask how the night was.

The service is `annulet serve` with two connected people behind it; the assistants come from npm
into ``.tools/clients``, everything else is on loopback. Writes ``docs/reference/sign-in.md``;
exits with 1 where an assistant was not let in or did not get the right person's answer.
``python signing.py NAME…`` runs only some and leaves the page alone.
"""

import asyncio
import inspect
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
import assistants
import getting
import programs
from models import Models
from stage import Stage
from truth import is_right, truth

from annulet.simulator.server import ThreadedServer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "sign-in.md"


def sign_in(name, stage, folder):
    """One assistant in a fresh home; returns its row.

    Raises:
        OSError: Its program could not be got.
        subprocess.CalledProcessError: The same.
    """
    program, function = assistants.ASSISTANTS[name]
    if program:
        getting.get_npm([program])
    home = folder / name.replace(" ", "-")
    home.mkdir()
    models, begun = Models(), time.monotonic()
    with ThreadedServer(models.app) as endpoint:
        paths = getting.paths() if program else ()
        scene = programs.Scene(home, {}, stage.url, "", models, endpoint.url, paths, None)
        signed = function(assistants.SignInSetting(stage.url, stage.anna, scene))
        if inspect.isawaitable(signed):
            signed = asyncio.run(signed)
    asked = dict(parse_qsl(urlsplit(signed.asked).query))
    return {
        "assistant": name,
        "version": getting.version_of(program) if program else version("mcp"),
        "command": signed.command,
        "callback": asked.get("redirect_uri", ""),
        "resource": urlsplit(asked.get("resource", "")).path,
        "scope": asked.get("scope", ""),
        "signed_in": signed.confirmed,
        "tools": len({tool for tool in signed.tools if "oura_" in tool}),
        "right": is_right(signed.answer, truth(stage.oura, "plain")),
        "seconds": round(time.monotonic() - begun, 1),
        "output": signed.output,
    }


def is_good(row):
    """Whether the assistant was let in and got the right person's answer from eleven tools."""
    return row["signed_in"] and row["right"] and row["tools"] == 11


def sign_in_all(names):
    """Every assistant in turn; returns a row for each, and why the others were left out."""
    rows, left_out = [], []
    with tempfile.TemporaryDirectory(
        prefix="annulet-sign-in-", ignore_cleanup_errors=True
    ) as parent:
        folder = Path(parent)
        with Stage(folder / "service") as stage:
            for name in names:
                try:
                    row = sign_in(name, stage, folder)
                except (OSError, subprocess.CalledProcessError) as problem:
                    left_out.append(name)
                    print(f"{name}: left out, it could not be got ({problem})", flush=True)
                    continue
                output = row.pop("output")
                rows.append(row)
                print(json.dumps(row, ensure_ascii=False), flush=True)
                if not is_good(row):
                    print(output[-3000:])
    return rows, left_out


_COLUMNS = ("assistant", "version", "signs in by", "the answer goes to", "tools", "right")


def page(rows, left_out):
    """The page about signing in."""
    lines = [
        "# Signing in",
        "",
        "Assistants that signed in to a running `annulet serve` by their own commands, each from",
        "an empty home and told nothing but the address `/mcp`. They registered, showed the",
        "consent page to a person, and then asked “How did I sleep last night?” with a scripted",
        "model. Two people's rings were connected; “right” means that the model was given the",
        "true figures of the person who had allowed it. This page is written by `make sign-in`.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
    ]
    words = {True: "yes", False: "no"}
    for row in rows:
        callback = urlsplit(row["callback"])
        place = f"`{callback.scheme}://{callback.hostname}:…{_path(callback.path)}`"
        cells = [row["assistant"], row["version"], f"`{row['command']}`", place]
        cells += [str(row["tools"]), words[is_good(row)]]
        lines.append(f"| {' | '.join(cells)} |")
    if left_out:
        lines += ["", f"Not there when this page was written: {', '.join(left_out)}."]
    return "\n".join(lines) + "\n"


def _path(path):
    """A path without what is drawn anew each time."""
    head, _, tail = path.rpartition("/")
    return f"{head}/…" if head.endswith("/callback") else f"{head}/{tail}"


def main(chosen):
    """Sign in, ask, write."""
    rows, left_out = sign_in_all(chosen or list(assistants.ASSISTANTS))
    if not chosen:
        PAGE.write_text(page(rows, left_out), encoding="utf-8")
    return 0 if rows and all(is_good(row) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
