"""Outlines of the home on the console: offered by their title, drafted, and followed by a renamed channel."""

from __future__ import annotations

import re
import tomllib

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, token_of
from tests.web.test_edition_pages import ended

from fengping.home import Home
from fengping.reports.archive import Editions

OUTLINE = """title = "两周专报"
days = 14
everything = true
cuts = ["渠道"]
formats = ["html"]
recipients = ["desk"]
"""


def options(client: TestClient) -> dict[str, str]:
    page = client.get("/reports").text
    return dict(re.findall(r'<option value="([^"]*)">([^<]+)', page.partition('id="kind"')[2]))


def test_the_form_offers_the_outlines_of_the_home_by_their_title(client: TestClient, stocked: Home) -> None:
    assert "自己的格式" not in client.get("/reports").text
    (stocked.root / "mine.toml").write_text(OUTLINE, "utf-8")
    (stocked.root / "bare.toml").write_text('like = "host"\n', "utf-8")
    (stocked.root / "cited.toml").write_text('[[figure]]\ntext = "一"\nsource = "二"\n', "utf-8")
    (stocked.root / "broken.toml").write_text('like = "wekly"\n', "utf-8")
    found = options(client)
    assert (found["mine.toml"], found["bare.toml"]) == ("两周专报", "bare")
    assert not found.keys() & {"cited.toml", "broken.toml", "hosts.toml", "fengping.toml"}
    assert "broken.toml 现在不能用：" in client.get("/reports").text
    assert "是不是“weekly”？" in client.get("/reports").text


def test_an_outline_is_drafted_by_its_days_formats_and_name(client: TestClient, stocked: Home) -> None:
    (stocked.root / "mine.toml").write_text(OUTLINE, "utf-8")
    form = {"token": token_of(client), "kind": "mine.toml"}
    begun = client.post("/reports", data=form, follow_redirects=False).headers["location"]
    place = ended(client, begun)
    assert re.fullmatch(r"/reports/editions/mine-[0-9a-f]{6}-20201029-20201111-1", place)
    (made,) = Editions(stocked).all()
    assert (made.title, made.wanted["formats"]) == ("两周专报", ["html"])
    assert made.wanted["outline"] == str(stocked.root / "mine.toml")
    page = client.get(f"/reports/editions/{made.number}/{made.number}.html").text
    assert "按渠道统计" in page


def test_an_outline_about_a_host_takes_the_name_of_the_form(client: TestClient, stocked: Home) -> None:
    (stocked.root / "own.toml").write_text('like = "host"\ndays = 7\n', "utf-8")
    form = {"token": token_of(client), "kind": "own.toml", "focus": HOST}
    begun = client.post("/reports", data=form, follow_redirects=False).headers["location"]
    assert ended(client, begun).startswith("/reports/editions/own-")
    assert Editions(stocked).all()[0].title.startswith(f"涉{HOST}消费维权舆情报告")


@pytest.mark.parametrize("kind", ["../mine.toml", "fengping.toml", "mnie.toml", "broken.toml"])
def test_what_is_no_outline_of_the_home_is_refused(client: TestClient, stocked: Home, kind: str) -> None:
    (stocked.root / "mine.toml").write_text(OUTLINE, "utf-8")
    (stocked.root / "broken.toml").write_text('like = "wekly"\n', "utf-8")
    answer = client.post("/reports", data={"token": token_of(client), "kind": kind})
    assert answer.status_code == 400
    assert ("没有报告" if kind != "broken.toml" else "是不是“weekly”？") in answer.text


def test_a_renamed_channel_is_followed_by_outlines(client: TestClient, stocked: Home) -> None:
    (stocked.root / "delivery.toml").write_text('[channels.desk]\nkind = "file"\n', "utf-8")
    (stocked.root / "mine.toml").write_text(f"# ours\n{OUTLINE}", "utf-8")
    answer = client.post(
        "/settings/rename", data={"token": token_of(client), "was": "desk", "name": "office"}
    )
    assert answer.status_code == 200, answer.text
    text = (stocked.root / "mine.toml").read_text("utf-8")
    assert text.startswith("# ours\n") and tomllib.loads(text)["recipients"] == ["office"]
