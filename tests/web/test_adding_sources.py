"""A source is added by its address: what was previewed is what is written, and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.site.server import Reply, Site, serve
from tests.web.conftest import client_of, token_of

from fengping.home import Home
from fengping.spiders import Catalogue

LIST = "".join(
    f'<li><a href="/a/{n}.html">样例直播间第{n}场售后引发\u202e消费者投诉</a><span>2020-11-0{n}</span></li>'
    for n in range(1, 7)
)
TITLE = "样例&quot;新闻\u202e网&lt;b&gt;"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    importlib.import_module("fengping.services.source_dev")
    with serve() as made:
        head = f"<head><title>{TITLE} - 消费</title></head>"
        made.pages["/news/"] = Reply(f"<html>{head}<body><ul class='news'>{LIST}</ul></body></html>")
        yield made


@pytest.fixture
def open_home(stocked: Home) -> Home:
    """A home that may ask this machine."""
    text = "[crawl]\nallow_private = true\ndelay = 0\n"
    stocked.config_file.write_text(text, encoding="utf-8")
    return Home.open(stocked.root)


@pytest.fixture
def client(open_home: Home) -> Iterator[TestClient]:
    with client_of(open_home) as made:
        yield made


def previewed(client: TestClient, site: Site) -> tuple[dict[str, str], str]:
    """The form that writes the file, and the text of the file as it is shown."""
    answer = client.post("/source/guess", data={"token": token_of(client), "url": site.url("/news/")})
    page = html.fromstring(answer.text)
    [form] = [one for one in page.forms if one.get("action") == "/source/add"]
    return dict(form.form_values()), page.xpath("string(//pre)")


def test_the_file_that_was_shown_is_written_and_no_other(
    client: TestClient, open_home: Home, site: Site
) -> None:
    form, shown = previewed(client, site)
    for changed in ({"toml": form["toml"] + "allow_private = true\n"}, {"name": "other"}, {"seal": "ü"}):
        answer = client.post("/source/add", data=form | changed)
        assert answer.status_code == 400 and "这不是预览过的那个文件。" in answer.text, changed
    assert not [*open_home.sources.glob("*.toml")]
    site.pages["/news/"], before = Reply("<html>moved</html>"), site.pages["/news/"]
    lines = form | {"toml": form["toml"].replace("\n", "\r\n")}  # as a browser sends them
    answer = client.post("/source/add", data=lines, follow_redirects=False)
    site.pages["/news/"] = before
    [file] = open_home.sources.glob("*.toml")
    assert answer.headers["location"] == f"/sources/{file.stem}"
    assert f"已写入 sources/{file.name}" in client.get(answer.headers["location"]).text
    text = file.read_text(encoding="utf-8")
    assert text == form["toml"] and text.replace("\u202e", "<U+202E>").strip() == shown.strip()
    assert site.url("/news/") in Catalogue.load(open_home).get(file.stem).urls
    again = client.post("/source/add", data=form)
    assert again.status_code == 400 and "已经有了" in again.text
    acts = [(one["act"], one["target"]) for one in client.get("/audit.json").json()]
    assert acts[0] == ("add source", file.stem)
