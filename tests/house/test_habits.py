"""Rules about state, the clock, the environment, output, missing data and errors.

Each rule is a function over a syntax tree, with a positive control that breaks it.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "annulet"

# What a module may call while it is imported: values and tables, no object that holds a person.
VALUES = {
    *("frozenset", "object", "range", "slice", "tuple"),
    *("compile", "date", "datetime", "decode", "getLogger", "maketrans", "replace", "timedelta"),
    *("App", "Group", "MetaData", "Path", "Secret", "Table", "TypeAdapter", "TypeVar"),
    *("ParamSpec", "where", "text", "substr"),  # a statement of SQL never changes
    "ContextVar",  # holds a value for each task, and none of its own
}

ENVIRONMENT_READERS = {
    "settings.py": "the one place",
    "cli/commands/demo/environment.py": "hands the environment on to the programs it starts",
}
CLOCKS = {
    "wiring.py": "where the clock is made",
    "cli/commands/connect.py": "a composition root of its own",
    "simulator/clock.py": "the double's own clock",
    "cli/commands/demo/environment.py": "a demo is about today",
}
STANDARD_OUTPUT = {
    "cli/output/streams.py": "the only writer",
    "cli/output/charts.py": "asks for the encoding",
}
PROCESS_WIDE_CACHES = {
    "contract/documents/reading.py": "the fields of a class",
    "simulator/world/vitals.py": "simulated people only",
}
NUMBERS_FOR_NOTHING = {
    ("toolkit/arguments.py", "200"): "the longest text a schema allows",
    ("toolkit/reading/tags.py", "0"): "counts how often a tag was set",
}


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Every source file, by its path inside the package."""
    files = sorted(SOURCE.rglob("*.py"))
    return {f.relative_to(SOURCE).as_posix(): ast.parse(f.read_text("utf-8")) for f in files}


def name_of(node: ast.AST) -> str:
    """The last word of a name or an attribute."""
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def places(rule: Callable[[ast.Module], Iterable[str]], *, rooms: str = "") -> set[tuple[str, str]]:
    """The breaks of a rule: the file of each, and what breaks it."""
    return {
        (file, broken)
        for file, tree in trees().items()
        if re.match(rooms, file)
        for broken in rule(tree)
    }


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is imported, the bodies of classes left out."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        ):
            yield child
            yield from at_import(child)


def constructed(tree: ast.Module) -> Iterator[str]:
    """The calls whose results a module keeps as its values."""
    for node in at_import(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            yield name_of(node.value.func)


def frozen_classes() -> set[str]:
    """The names of our frozen dataclasses, whose values cannot change."""
    return {
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and name_of(decorator.func) == "dataclass"
        if any(word.arg == "frozen" for word in decorator.keywords)
    }


def test_modules_hold_no_state() -> None:
    """No module makes a client, cache, session or settings when it is imported."""
    allowed = VALUES | frozen_classes()
    assert {place for place in places(constructed) if place[1] not in allowed} == set()


def environment(tree: ast.Module) -> Iterator[str]:
    """Reads of the environment of the process."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and name_of(node.value) == "os":
            yield from {node.attr} & {"environ", "environb", "getenv", "getenvb"}
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (a.name for a in node.names if a.name in {"environ", "getenv"})


def test_only_the_settings_read_the_environment() -> None:
    """Every setting is read in one module."""
    assert {file for file, _ in places(environment)} == set(ENVIRONMENT_READERS)


def clocks(tree: ast.Module) -> Iterator[str]:
    """Reads of the wall clock (monotonic clocks only measure)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner = name_of(node.value)
        if (owner, node.attr) in {("time", "time"), ("time", "localtime"), ("time", "gmtime")}:
            yield f"{owner}.{node.attr}"
        if owner in {"datetime", "date"} and node.attr in {"now", "today", "utcnow"}:
            yield f"{owner}.{node.attr}"


def test_the_clock_is_passed_in() -> None:
    """No module reads the clock of the machine, because today is the person's day."""
    assert {file for file, _ in places(clocks)} == set(CLOCKS)


def locale_names(tree: ast.Module) -> Iterator[str]:
    """Format codes that write names of days or months, or whole dates, in the machine's locale."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"%[aAbBpcxX](?![A-Za-z])", node.value)


def test_texts_do_not_follow_the_locale() -> None:
    """Answers, pages and messages are English on every machine."""
    assert list(places(locale_names)) == []


def standard_output(tree: ast.Module) -> Iterator[str]:
    """Writes to standard output."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and name_of(node.value) == "sys":
            yield from {node.attr} & {"stdout", "__stdout__"}
        if isinstance(node, ast.Call) and name_of(node.func) == "print":
            to = {word.arg: name_of(word.value) for word in node.keywords}.get("file", "")
            if isinstance(node.func, ast.Name) and to != "stderr":
                yield "print"


def test_standard_output_has_one_writer() -> None:
    """Only one module writes to standard output, which in stdio mode belongs to the protocol."""
    files = {file for file, _ in places(standard_output)}
    assert files == set(STANDARD_OUTPUT), "only annulet.cli.output.streams writes"


def caches(tree: ast.Module) -> Iterator[str]:
    """Caches on functions and global variables, which live as long as the process."""
    for node in tree.body:
        for decorator in getattr(node, "decorator_list", []):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if name_of(called) in {"cache", "lru_cache"}:
                yield name_of(called)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield "global"


def test_no_cache_outlives_a_person() -> None:
    """No cache is shared between people."""
    assert {file for file, _ in places(caches)} == set(PROCESS_WIDE_CACHES)


def numbers_for_nothing(tree: ast.Module) -> Iterator[str]:
    """Defaults like ``x.get(key, 0)``, a number where there is no measurement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) == "get" and len(node.args) == 2:
            default = node.args[1]
            if isinstance(default, ast.Constant) and type(default.value) in {int, float}:
                yield str(default.value)


def test_missing_is_missing_and_never_a_number() -> None:
    """Rooms that handle health data give no number as a default."""
    defaults = places(numbers_for_nothing, rooms="analytics|toolkit|charts|client|contract")
    assert defaults == set(NUMBERS_FOR_NOTHING)


def swallowed(file: Path) -> Iterator[str]:
    """Places that catch every error and do not raise it again; empty where a comment says why."""
    text = file.read_text("utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or name_of(node.type) in {"Exception", "BaseException"}
            raises = any(isinstance(step, ast.Raise) and not step.exc for step in ast.walk(node))
        elif isinstance(node, ast.Call) and name_of(node.func) == "suppress":
            broad = any(name_of(kind) in {"Exception", "BaseException"} for kind in node.args)
            raises = False
        else:
            continue
        if broad and not raises:
            around = "\n".join(lines[node.lineno - 2 : node.lineno + 2])
            yield f"{file.name}:{node.lineno}" if "# " not in around else ""


def test_a_broad_except_says_why_and_is_rare() -> None:
    """One in two thousand lines at most, each with its reason beside it."""
    files = list(SOURCE.rglob("*.py"))
    broad = [place for file in files for place in swallowed(file)]
    assert [place for place in broad if place] == []
    lines = sum(file.read_text("utf-8").count("\n") for file in files)
    assert len(broad) <= lines / 2000


# A rule switched off on a line, and the reason that has to follow it there.
EXCEPTION = re.compile(
    r"# (?:noqa(?:: [A-Z]+\d+(?:, [A-Z]+\d+)*)?|type: ignore(?:\[[a-z, -]+\])?|pragma: \w+)(.*)"
)
REASON = re.compile(r" (?:-{1,2}|#) \w.*")


def unexplained(text: str) -> Iterator[str]:
    """Exceptions to a rule without a reason beside them."""
    for line in text.splitlines():
        match = EXCEPTION.search(line)
        if match and not REASON.fullmatch(match[1]):
            yield match[0]


def test_every_exception_says_why() -> None:
    """An exception to a rule carries its reason on the same line."""
    silent = {
        file.relative_to(ROOT).as_posix(): exceptions
        for folder in ("src", "tests", "docs")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != Path(__file__) and (exceptions := list(unexplained(file.read_text("utf-8"))))
    }
    assert silent == {}


@pytest.mark.parametrize(
    ("line", "exceptions"),
    [
        ("x = 1  # noqa: S105", ["# noqa: S105"]),
        ("x = 1  # noqa", ["# noqa"]),
        ("x = f()  # type: ignore[arg-type]", ["# type: ignore[arg-type]"]),
        ("x = 1  # noqa: S105 - an address", []),
        ("x = f()  # type: ignore[arg-type] # what it stored", []),
    ],
)
def test_an_exception_without_a_reason_would_be_seen(line: str, exceptions: list[str]) -> None:
    """The positive control of the rule about reasons."""
    assert list(unexplained(line)) == exceptions


def skips_in_silence(tree: ast.Module) -> Iterator[str]:
    """Skips of tests that give no reason."""
    marks = {"skip", "skipif", "xfail"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in marks:
            words = [arg for arg in node.args if isinstance(arg, ast.Constant | ast.JoinedStr)]
            if not words and not any(word.arg == "reason" for word in node.keywords):
                yield name_of(node.func)
        if isinstance(node, ast.Attribute) and name_of(node.value) == "mark":
            called = any(isinstance(c, ast.Call) and c.func is node for c in ast.walk(tree))
            if node.attr in marks and not called:
                yield f"mark.{node.attr}"


def test_a_skip_says_why() -> None:
    """Every skip names what is missing."""
    silent = {
        file.name: skips
        for file in sorted((ROOT / "tests").rglob("*.py"))
        if (skips := list(skips_in_silence(ast.parse(file.read_text("utf-8")))))
    }
    assert silent == {}


@pytest.mark.parametrize(
    ("rule", "text", "broken"),
    [
        (constructed, "client = OuraClient('t')", ["OuraClient"]),
        (constructed, "if True:\n    kept: Any = make_settings()", ["make_settings"]),
        (constructed, "def f():\n    client = OuraClient('t')", []),
        (environment, "import os\nhome = os.environ['HOME']", ["environ"]),
        (environment, "from os import getenv", ["getenv"]),
        (clocks, "now = datetime.datetime.now(UTC)", ["datetime.now"]),
        (clocks, "f(clock=time.time)", ["time.time"]),
        (clocks, "time.monotonic()", []),
        (locale_names, "f'{day:%d %b}'", ["%b"]),
        (locale_names, "day.strftime('%A')", ["%A"]),
        (locale_names, "f'{day:%Y-%m-%d}'", []),
        (standard_output, "print('x')", ["print"]),
        (standard_output, "print('x', file=sys.stderr)", []),
        (caches, "@lru_cache(maxsize=2)\ndef f(): ...", ["lru_cache"]),
        (caches, "def f():\n    global kept", ["global"]),
        (numbers_for_nothing, "score = night.get('score', 70)", ["70"]),
        (numbers_for_nothing, "score = night.get('score')", []),
        (skips_in_silence, "@pytest.mark.skip\ndef test(): ...", ["mark.skip"]),
        (skips_in_silence, "pytest.skip()", ["skip"]),
        (skips_in_silence, "pytest.skip('no npm')", []),
    ],
)
def test_a_broken_rule_would_be_seen(
    rule: Callable[[ast.Module], Iterable[str]], text: str, broken: list[str]
) -> None:
    """The positive controls, and what each rule lets pass."""
    assert list(rule(ast.parse(text))) == broken


@pytest.mark.parametrize(
    ("text", "swallows"),
    [
        ("try:\n    f()\n\nexcept Exception:\n    pass\n", ["broken.py:4"]),
        ("\n\nwith suppress(Exception):\n    f()\n", ["broken.py:3"]),
        ("try:\n    f()\nexcept Exception:  # the last door\n    pass\n", [""]),
        ("try:\n    f()\nexcept BaseException:\n    undo()\n    raise\n", []),
        ("try:\n    f()\nexcept ValueError:\n    pass\n", []),
    ],
)
def test_a_swallowed_error_would_be_seen(tmp_path: Path, text: str, swallows: list[str]) -> None:
    """The positive control of the rule about broad handlers."""
    file = tmp_path / "broken.py"
    file.write_text(text)
    assert list(swallowed(file)) == swallows
