"""The links of the pages have targets, and the command lines of the pages are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from cyclopts import CycloptsError, MissingArgumentError

from annulet.cli.app import build

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "skills").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
    )
    if "decisions" not in page.parts
)
TYPED = re.compile(r"^[a-z]*\$ (?:[A-Z_]+=\S+ )?annulet (.+)$", re.MULTILINE)
PATH = re.compile(r"(?<![\w/.:-])(?:[\w.-]+/)+[\w.-]*|\b\w+\.py\b")
SPAN = re.compile(r"`(?:[A-Z_]+=\S+ )?annulet ([^`…]+)`")


def named(path: Path) -> str:
    """The path of a page inside the project."""
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The names under which the headings of a page are reached."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-") for words in headings}


def broken_links(page: Path, text: str) -> list[str]:
    """Links to places of this project that are not there."""
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    return broken


def misunderstood(text: str) -> list[str]:
    """Command lines that the command line does not take."""
    wrong = []
    for line in [*TYPED.findall(text), *SPAN.findall(text)]:
        typed = shlex.split(line, comments=True)
        words = ["1" if word.isupper() else word for word in typed if word != "COMMAND"]
        try:
            build(words).parse_args(words, exit_on_error=False, print_error=False)
        except MissingArgumentError:  # only named, with nothing beside it
            assert not any(word.startswith("-") for word in words), line
        except CycloptsError as error:
            wrong.append(f"annulet {line}: {error}")
    return wrong


def absent_paths(text: str) -> list[str]:
    """Files and folders that a text names and the project does not have."""
    folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks", "deploy")]
    present = {f"/{path.relative_to(ROOT)}" for folder in folders for path in folder.rglob("*")}
    present |= {f"/{folder.name}" for folder in folders}
    named_paths = [path.rstrip("/.") for path in PATH.findall(text)]
    return [
        path
        for path in named_paths
        if not any(entry.endswith(f"/{path}") for entry in present)
        and not path.startswith(".venv")
        and not any(part.isupper() for part in path.split("/"))
    ]


def test_the_architecture_names_what_is_there() -> None:
    """Every file and folder that ARCHITECTURE.md names exists."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert absent_paths(text) == []
    assert len(PATH.findall(text)) > 50


def test_every_room_stands_in_the_architecture() -> None:
    """Every room of the package, and every room of the service, is named and described there."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    package = ROOT / "src/annulet"
    rooms = {path.name for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}
    described = set(re.findall(r"[a-z_]+(?:\.py)?", text.split("```")[1]))
    assert rooms - described - {"__init__.py", "__main__.py", "__pycache__", "skills"} == set()
    folders = {path.parent.name for path in (package / "hosted").glob("*/__init__.py")}
    assert {name for name in folders if f"`{name}/`" not in text} == set()


def test_links_lead_somewhere() -> None:
    """No page of the project points to a place that is not there."""
    broken = {named(page): broken_links(page, page.read_text("utf-8")) for page in PAGES}
    assert {page: links for page, links in broken.items() if links} == {}


def test_command_lines_are_understood() -> None:
    """Each command exists and takes the options that a page shows with it."""
    wrong = {named(page): misunderstood(page.read_text("utf-8")) for page in PAGES}
    assert {page: lines for page, lines in wrong.items() if lines} == {}


def test_a_wrong_page_would_be_seen() -> None:
    """The positive control of the rules about links, commands and paths."""
    page = ROOT / "README.md"
    assert broken_links(page, "[a](docs/nowhere.md) [b](#nowhere) [c](docs/)") == [
        "docs/nowhere.md",
        "#nowhere",
    ]
    wrong = misunderstood("`annulet slep`\n\n```console\n$ annulet sleep --nights 3\n```\n")
    assert len(wrong) == 2
    assert misunderstood("$ annulet sleep --series  # the night\n") == []
    text = "`hosted/nowhere.py`, tools/gone/, gone.py, `errors.py`, tests/unit/ROOM and `hosted/`."
    assert absent_paths(text) == ["hosted/nowhere.py", "tools/gone", "gone.py"]


def test_the_decisions_are_numbered_without_gaps() -> None:
    """Each record's title carries its number, and a decision that a page names exists."""
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for number, record in enumerate(records, start=1):
        text = record.read_text("utf-8")
        assert text.startswith(f"# {number}. "), record.name
        named = [int(digits) for digits in re.findall(r"[Dd]ecision (\d+)", text)]
        assert all(1 <= mentioned <= len(records) for mentioned in named), record.name
