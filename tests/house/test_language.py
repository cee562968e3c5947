"""Names and docstrings use the field's own words, and one word has one meaning."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "benchmarks", "docs")

# No module, class or function is named by a metaphor where the field has a word of its own.
METAPHORS = {
    *("cast", "desk", "desks", "door", "doors", "entrance", "entrances", "flights", "front"),
    *("ground", "grounds", "journey", "journeys", "keeper", "keepers", "losses", "manners"),
    *("refusals", "shield", "standing", "standings", "stranger", "visitor", "visitors", "wish"),
    *("wishes", "nobody", "somebody", "whoever", "unkept", "unanswered"),
}
FIELD_WORDS = {("front", "matter")}  # YAML front matter is called so by everyone
# Modules, classes and functions that have got the field's word instead.
FORMER_NAMES = {
    *("again", "asking", "beside_service", "beside_the_loop", "caller", "conversation"),
    *("daily_words", "figures", "findings", "flows", "freshness", "Given", "kept_keys", "moments"),
    *("observed", "offer", "opened", "opening", "outcomes", "present", "registering", "settle"),
    *("unsettled", "_ahead"),
}
# A local says what it holds.
LOCALS = {"found", "said", "kept", "one", "other", "thing"}
# A docstring is one plain sentence about a thing, not about a nameless somebody.
PERSONS = re.compile(r"\b(?:whoever|nobody|somebody)\b", re.IGNORECASE)
# A class name has one meaning in the whole of src. The simulator may share nothing with the rest,
# so its documents bear the names that Oura's documents have everywhere. These still have two.
TWO_MEANINGS: set[str] = set()


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Every Python file of the project, by its path."""
    files = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return {f.relative_to(ROOT).as_posix(): ast.parse(f.read_text("utf-8")) for f in files}


def words_of(name: str) -> list[str]:
    """The words of a name, in snake or camel case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def is_banned(name: str) -> bool:
    """Whether a name is a former one, or has a metaphor that is no part of a field word."""
    words = words_of(name)
    pairs = set(pairwise(words))
    return name in FORMER_NAMES or (bool(METAPHORS & set(words)) and not pairs & FIELD_WORDS)


def banned_names(tree: ast.Module) -> Iterator[str]:
    """Names of classes and functions that the field calls otherwise."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and is_banned(node.name):
            yield node.name


def silent_locals(tree: ast.Module) -> Iterator[str]:
    """Variables and arguments whose names do not say what they hold."""
    # Python itself calls the argument of a comparison `other`.
    comparisons = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__eq__"
    ]
    conventional = {arg for node in comparisons for arg in node.args.args}
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg) and node not in conventional:
            name = node.arg
        if name in LOCALS:
            yield name


def nameless_persons(tree: ast.Module) -> Iterator[str]:
    """Docstrings about a nameless person."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            yield from PERSONS.findall(ast.get_docstring(node) or "")


def problems(path: str, tree: ast.Module) -> Counter[str]:
    """What a file says in other words than the field's."""
    stem = Path(path).stem
    return Counter(
        [
            *([f"module {stem}"] if is_banned(stem) else []),
            *(f"name {name}" for name in banned_names(tree)),
            *(f"local {name}" for name in silent_locals(tree)),
            *(f"docstring {word.lower()}" for word in nameless_persons(tree)),
        ]
    )


@functools.cache
def problems_by_file() -> dict[str, Counter[str]]:
    """The files that have any, and what."""
    counted = {path: problems(path, tree) for path, tree in trees().items()}
    return {path: words for path, words in counted.items() if words}


def listed(files: dict[str, Counter[str]]) -> str:
    """Every offender on a line of its own."""
    lines = (
        f"{path}: " + ", ".join(f"{word} ({count})" for word, count in sorted(words.items()))
        for path, words in sorted(files.items())
    )
    return "\n" + "\n".join(lines)


def test_names_and_docstrings_use_the_field_s_words() -> None:
    """No metaphor names a module, class or function; locals and docstrings name what they mean."""
    offenders = problems_by_file()
    assert not offenders, listed(offenders)


def test_documents_name_no_nameless_persons() -> None:
    """The pages of the project follow the same rule as docstrings."""
    pages = sorted(
        page
        for folder in ("", "docs", "skills")
        for page in (ROOT / folder).glob("**/*.md" if folder else "*.md")
    )
    assert len(pages) > 30
    offenders = {
        page.relative_to(ROOT).as_posix(): Counter(PERSONS.findall(page.read_text("utf-8")))
        for page in pages
        if PERSONS.search(page.read_text("utf-8"))
    }
    assert not offenders, listed(offenders)


def class_meanings() -> dict[str, list[str]]:
    """Class names of src that are defined in several files, the simulator looked at alone."""
    places: dict[tuple[bool, str], list[str]] = {}
    for path, tree in trees().items():
        if path.startswith("src/"):
            simulated = path.startswith("src/annulet/simulator/")
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    places.setdefault((simulated, node.name), []).append(path)
    return {name: files for (_, name), files in places.items() if len(files) > 1}


def test_a_class_name_has_one_meaning() -> None:
    """Two classes of the source never share a name."""
    shared = class_meanings()
    unexplained = {name: files for name, files in shared.items() if name not in TWO_MEANINGS}
    lines = (f"{name}: {', '.join(files)}" for name, files in sorted(unexplained.items()))
    assert not unexplained, "\n" + "\n".join(lines)
    assert sorted(TWO_MEANINGS - shared.keys()) == [], "these have one meaning: take them out"


def test_other_words_would_be_seen() -> None:
    """The positive control of the rules, and what they let pass."""
    tree = ast.parse(
        '"""Whoever asks."""\n'
        "class FrontDoor: ...\n"
        "def read_front_matter(kept): ...\n"
        "found = [one for one in rows]\n"
    )
    assert problems("src/annulet/oauth/shield.py", tree) == {
        "module shield": 1,
        "name FrontDoor": 1,
        "local kept": 1,
        "local found": 1,
        "local one": 1,
        "docstring whoever": 1,
    }
    assert not problems("src/annulet/client/single_flight.py", ast.parse("rows = []"))
