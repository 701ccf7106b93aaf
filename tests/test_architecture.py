"""The walls and the style of the code, read from its source."""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("notify", "adapters", "contacts")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40

SWALLOWS_EVERYTHING = (
    "notify/worker.py",
    "notify/lanes.py",
    "notify/recording.py",
    "adapters/database/grouping.py",
    "adapters/api/problems.py",
    "adapters/portal/middleware.py",
    "adapters/email/listening.py",
    "adapters/email/imap_polling.py",
    "adapters/wiring/mail_in.py",
)
"""The worker's loops, the web's two error middlewares, and those that take mail in and ask for it again: nothing
else may swallow what it does not know."""

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
[PURE_RULES] = [contract for contract in CONTRACTS if contract["id"] == "rules-are-pure"]
NOT_RULES = sorted({re.split(r"[. ]", line)[1] for line in PURE_RULES["ignore_imports"]})
"""What in notify may wait, call the world, or know the ports; every other module there is a rule."""

WORLDLY = {"asyncio", "http", "multiprocessing", "os", "random", "secrets", "socket", "sqlite3", "ssl", "subprocess",
           "threading", "time", "urllib.request", "uuid"}  # fmt: skip
CLOCKS = {"now", "today", "utcnow"}
FORBIDDEN_WORDS = {"alert", "alerts", "country", "countries", "helper", "helpers", "manager", "managers", "utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def is_rule(path: Path) -> bool:
    """Tell rule modules from the rest of notify and contacts; `contacts/store.py` is a port."""
    package, *_, last = path.relative_to(ROOT).with_suffix("").parts
    inside = path.relative_to(ROOT).with_suffix("").parts[1]
    if package == "notify":
        return inside not in NOT_RULES
    return package == "contacts" and last != "store"


RULES = [path for path in MODULES if is_rule(path)]

each_module = pytest.mark.parametrize("path", MODULES, ids=name_of)
each_rule = pytest.mark.parametrize("path", RULES, ids=name_of)


@each_module
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@each_module
def test_no_function_is_too_long(path: Path) -> None:
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions_of(path)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", [path for path in MODULES if path.read_text(encoding="utf-8").strip()], ids=name_of)
def test_each_module_opens_with_one_sentence_on_its_duty(path: Path) -> None:
    first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]
    assert re.search(r"\w[\w)\"'`]*[.:]$", first), f"{first!r} is no sentence"


@each_module
def test_each_function_is_typed(path: Path) -> None:
    untyped = []
    for function in functions_of(path):
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        missing = [a.arg for a in named if a and a.annotation is None and a.arg not in ("self", "cls")]
        if missing or function.returns is None:
            untyped.append(f"{function.name}({', '.join(missing)})")
    assert untyped == []


@each_module
def test_only_the_outermost_loops_swallow_everything(path: Path) -> None:
    broad = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler) and not raises_again(node):
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"BaseException"}
            broad += [node.lineno] if caught & {"Exception", "BaseException"} else []
    assert broad == [] or name_of(path) in SWALLOWS_EVERYTHING


def raises_again(handler: ast.ExceptHandler) -> bool:
    """Tell a handler that only tidies up from one that swallows."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def defined_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name


def words_of(identifier: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)}


@each_module
def test_no_name_uses_a_word_that_says_nothing(path: Path) -> None:
    names = {*path.relative_to(ROOT).with_suffix("").parts, *defined_names(tree_of(path))}
    assert {name for name in names if words_of(name) & FORBIDDEN_WORDS} == set()


@pytest.mark.parametrize("identifier", ["country_code", "AlertChannel", "HTTPManager", "helperOf", "_utils"])
def test_the_forbidden_words_are_found_inside_names(identifier: str) -> None:
    assert words_of(identifier) & FORBIDDEN_WORDS


def imported_modules(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write imports in full"
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", [p for p in MODULES if not name_of(p).startswith("adapters")], ids=name_of)
def test_notify_and_contacts_know_only_the_standard_library_and_pydantic(path: Path) -> None:
    known = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "annotated_types", "notify", "contacts"}
    assert {name.split(".")[0] for name in imported_modules(tree_of(path))} - known == set()


@each_rule
def test_rules_import_nothing_that_touches_the_world(path: Path) -> None:
    imported = imported_modules(tree_of(path))
    assert imported & WORLDLY == set()
    assert imported & {f"notify.{module}" for module in NOT_RULES} == set()


@each_rule
def test_rules_neither_wait_nor_look_at_the_clock(path: Path) -> None:
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith):
            found.append(f"line {node.lineno}: waits")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"line {node.lineno}: looks at the clock")
    assert found == []


NOT_OURS = (".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache",
            "__pycache__", "build", "dist", "article17-data", "article17.egg-info", "results")  # fmt: skip


def committed_texts() -> Iterator[tuple[Path, str]]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        for path in (Path(folder, name) for name in files):
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


# Written in pieces, so that this file does not hold what it looks for.
ADDRESS_OF_A_REGISTRY = re.compile(
    "|".join(("py" + r"pi\.", "python" + r"hosted\.", "npm" + r"js\.", "index-" + "url"))
)
PATH_OF_A_MACHINE = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "tmp" + "/w", "ho" + "me")) + r")/"
)


@pytest.mark.parametrize("forbidden", [ADDRESS_OF_A_REGISTRY, PATH_OF_A_MACHINE], ids=["registry", "machine"])
def test_no_file_names_a_package_registry_or_a_path_of_one_machine(forbidden: re.Pattern[str]) -> None:
    found = [f"{name_of(path)}: {m.group()}" for path, text in committed_texts() if (m := forbidden.search(text))]
    assert found == []
