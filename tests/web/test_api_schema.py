"""schemathesis asks every question of the API: no crash, and refusals in one form."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from tests.making import LONG
from tests.trends.conftest import NOW, filled

from fengping.home import Home
from fengping.web import make_app

__all__ = ["filled"]

schemathesis = pytest.importorskip("schemathesis")


def test_its_description_tells_the_refusals_as_they_are(filled: Home) -> None:
    with TestClient(make_app(filled, clock=lambda: NOW), base_url="http://127.0.0.1") as client:
        paths = client.get("/openapi.json").json()["paths"]
        refused = client.get("/api/v1/search?limit=x")
    every = [(path, told["responses"]) for path, methods in paths.items() for told in methods.values()]
    for path, answers in every:
        if path.startswith("/api/"):
            refusals = {code: answer for code, answer in answers.items() if code >= "4"}
            assert {"400", "401", "404", "422", "429", "503"} <= refusals.keys(), path
            assert {kind for one in refusals.values() for kind in one["content"]} == {
                "application/problem+json"
            }
    told = paths["/api/v1/search"]["get"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert set(told["required"]) <= refused.json().keys() <= told["properties"].keys()


def test_no_question_makes_it_fail(filled: Home) -> None:
    app = make_app(filled, clock=lambda: NOW)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=True) as client:
        schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
        operations = [found.ok() for found in schema.get_all_operations()]
        paths = {one.path for one in operations}
        assert {"/api/v1/documents", "/api/v1/crosstab", "/api/v1/words"} <= paths
        for operation in operations:
            if operation.path.startswith("/api/v1/"):
                _asked(client, operation)


def _asked(client: TestClient, operation: Any) -> None:
    """Asks one operation a few questions that its description allows."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=8 if LONG else 4, derandomize=True, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        given = case.as_transport_kwargs(base_url="http://127.0.0.1")
        given.pop("cookies", None)
        answer = client.request(**given)
        assert answer.status_code < 500, (given, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"

    ask()
