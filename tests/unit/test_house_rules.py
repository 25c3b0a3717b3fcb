"""Rules of this code base that no linter knows."""

import ast
import pathlib
import re
from collections.abc import Iterator

from lab import paths

LONGEST_FILE, LONGEST_FUNCTION = 250, 40
SILENCERS = re.compile(r"#\s*(" + "|".join(["no" + "qa", r"type:\s*" + "ignore"]) + ")")
CITATIONS = re.compile(
    r"\b(users|fate22|design|style)\.md\b|\bDEVELOPERS\b|\brows? \d|\b[Ii]ssues? #?\d|\b(KF|F|EG|AF|FF)#\d|\bthe lead\b"
)
"""Papers that stay with whoever wrote the program, and numbers in them."""
WRITTEN = {".pyc", ".json", ".sum", ".svg"}
"""Endings of files that programs write."""
MACHINE_PATHS = re.compile(r"(?<![\w.])/(root|home|work)/\w")


def sources() -> Iterator[pathlib.Path]:
    """Every Python file of the checkout that people wrote."""
    for folder in ("components", "stacks", "lab", "tests", "docs"):
        yield from sorted((paths.ROOT / folder).rglob("*.py"))
    yield paths.ROOT / "__main__.py"


def where(file: pathlib.Path, line: int = 0) -> str:
    """As editors take it."""
    return f"{file.relative_to(paths.ROOT)}:{line}"


def texts() -> Iterator[pathlib.Path]:
    """Every file of the checkout that people read, whatever it is written in."""
    for folder in ("components", "stacks", "lab", "tests", "docs", ".ci"):
        found = (file for file in (paths.ROOT / folder).rglob("*") if file.is_file())
        yield from sorted(file for file in found if file.suffix not in WRITTEN and file.parent.name != "golden")
    yield from sorted(file for file in paths.ROOT.glob("[!.]*") if file.is_file())


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from its ``def`` to its end, docstring included."""
    return (function.end_lineno or 0) - function.lineno + 1


def test_files_fit_a_reader() -> None:
    """A file that grows past this is one that nobody reads to its end before changing it."""
    lengths = {where(file): len(file.read_text("utf-8").splitlines()) for file in sources()}
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_fit_a_screen() -> None:
    """A longer function hides more than one thing, and is tested only as a whole."""
    long = {
        (str(file.relative_to(paths.ROOT)), node.name)
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines(node) > LONGEST_FUNCTION
    }
    assert long == set()


def test_checks_are_not_silenced() -> None:
    """A silenced check is a defect that waits for its user."""
    found = [
        where(file, number)
        for file in sources()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if SILENCERS.search(line)
    ]
    assert found == []


def test_no_path_of_one_machine() -> None:
    """A path of the author's machine works for nobody else."""
    found = [
        where(file, number)
        for file in sources()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if MACHINE_PATHS.search(line) and file != pathlib.Path(__file__)
    ]
    assert found == []


def test_nothing_cites_what_readers_do_not_have() -> None:
    """A number in a paper that is not in the checkout explains nothing, and ages."""
    found = [
        where(file, number)
        for file in texts()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if CITATIONS.search(line) and file != pathlib.Path(__file__)
    ]
    assert found == []
