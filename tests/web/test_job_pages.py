"""任务 as an operator uses it: run now, with and without a service, and paused."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import NOW, token_of
from tests.web.test_edition_pages import ended

from fengping.home import Home
from fengping.scheduler import by_hand, ledger, plan
from fengping.scheduler.jobs import jobs_of
from fengping.scheduler.lease import Lease
from fengping.state import State


def test_a_job_is_run_here_where_no_service_runs(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "name": "health"}
    place = client.post("/jobs/run", data=form, follow_redirects=False).headers["location"]
    assert ended(client, place) == "/jobs"
    assert ledger.latest(State.open(stocked))["health"].status == "ok"
    assert client.post("/jobs/run", data=form | {"name": "helth"}).status_code == 400
    assert "health" in client.get("/jobs.csv").text
    assert '<span class="nw">--json</span>' in client.get("/jobs").text  # a narrow screen breaks no option


@pytest.mark.long
def test_the_ledger_says_how_long_a_job_took_that_was_begun_by_hand(stocked: Home) -> None:
    moments = iter((NOW, NOW + timedelta(seconds=90)))
    by_hand.run(stocked, "health", lambda: next(moments))
    assert ledger.latest(State.open(stocked))["health"].seconds == 90


def test_a_running_service_is_asked_to_begin_it(client: TestClient, stocked: Home) -> None:
    state = State.open(stocked)
    plan.settle_in(state, jobs_of(stocked), NOW)
    assert Lease(state, f"here:{os.getpid()}:1", lambda: 0.0).take(NOW) is None
    page = client.post("/jobs/run", data={"token": token_of(client), "name": "index"}).text
    assert "几秒内开始" in page and "正在按时间表执行" in page
    assert plan.places(state)["index"].begin_at == NOW


def test_a_job_is_paused_in_the_configuration_and_goes_on(client: TestClient, stocked: Home) -> None:
    form = {"token": token_of(client), "name": "index"}
    assert ">恢复<" in client.post("/jobs/pause", data=form | {"on": "1"}).text
    assert Home.open(stocked.root).config.schedule.paused == ("index",)
    client.post("/jobs/pause", data=form)
    assert Home.open(stocked.root).config.schedule.paused == ()
