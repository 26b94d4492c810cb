"""The examples of docs/mcp.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from tests.mcp.test_mcp import TOOLS, ask

from fengping.home import Home

PAGE = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(\w+)` \| `(\{.*?\})` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("tool", "arguments"), EXAMPLES)
def test_an_example_is_answered(filled: Home, tool: str, arguments: str) -> None:
    assert "rows" in ask(filled, tool, **json.loads(arguments))


def test_every_tool_has_an_example() -> None:
    assert {tool for tool, _ in EXAMPLES} == TOOLS
