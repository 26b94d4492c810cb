"""The examples of docs/api.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.trends.conftest import filled
from tests.web.test_api_questions import api

__all__ = ["api", "filled"]

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(/api/v1/[^`]+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("address", EXAMPLES)
def test_an_example_is_answered(api: TestClient, address: str) -> None:
    answer = api.get(address)
    assert answer.status_code == 200 and answer.content


def test_every_question_of_the_api_is_described(api: TestClient) -> None:
    known = {path for path, ways in api.get("/openapi.json").json()["paths"].items() if "get" in ways}
    described = {address.partition("?")[0] for address in EXAMPLES}
    plain = {path for path in known if "{" not in path and path.startswith("/api/v1/")}
    assert plain <= described
