"""Names and docstrings: plain statements, and one module of a name in a folder."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = sorted(folder.parent.name for folder in ROOT.glob("*/__init__.py"))
QUESTION_WORDS = frozenset(
    ["how", "what", "when", "where", "whether", "which", "who", "whom", "whose", "why"]
)
BEARERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring, those of attributes included: a string alone behind a statement."""
    for node in ast.walk(ast.parse(source)):
        for place, line in enumerate(getattr(node, "body", None) or () if isinstance(node, BEARERS) else ()):
            if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
                text = line.value.value
                if isinstance(text, str) and (place == 0 or not isinstance(node, ast.FunctionDef)):
                    yield line.lineno, text.strip()


def questions(source: str) -> list[tuple[int, str]]:
    return [
        (line, text.splitlines()[0])
        for line, text in docstrings(source)
        if text.split()[0].strip(":,.").partition("’")[0].partition("'")[0].lower() in QUESTION_WORDS
    ]


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_docstrings_are_statements(room: str) -> None:
    files = modules(room)
    assert files
    found = {
        f"{file.relative_to(ROOT)}:{line}": text
        for file in files
        for line, text in questions(file.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize("room", ROOMS)
def test_one_module_of_a_name_in_a_folder(room: str) -> None:
    """A module and a package of one name, or names that differ in case or underscores, shadow each other."""
    names = Counter(
        (path.parent, (path.stem if path.suffix else path.name).strip("_").replace("_", "").lower())
        for path in (ROOT / room).rglob("*")
        if (path.suffix == ".py" and path.name != "__init__.py") or (path / "__init__.py").is_file()
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_lint_sees_each_form_of_docstring() -> None:
    source = (
        '"""What a module is."""\n'
        "class A:\n"
        '    """Names."""\n'
        "    b: int = 0\n"
        '    """Whether it holds."""\n'
        "    async def c(self):\n"
        '        """How it goes."""\n'
    )
    assert [line for line, _ in questions(source)] == [1, 5, 7]
