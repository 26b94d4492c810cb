"""``fengping hosts``: the registry read, added to and measured from the command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.making import document
from typer.testing import CliRunner, Result

from fengping.cli.app import app
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Channel

Run = Callable[..., Result]


@pytest.fixture
def run(home: Home) -> Run:
    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(app, ["--home", str(home.root), "hosts", *arguments])
        if isinstance(done.exception, FengpingError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done

    return run


def test_a_host_added_is_shown_listed_and_found(run: Run, home: Home) -> None:
    run("add", "青禾阿满", "--alias", "青禾家阿满", "--ambiguous", "阿满=直播间,带货", "--platform", "抖音")
    run("add", "青禾阿满", "--misspelling", "青禾阿曼")
    shown = json.loads(run("show", "阿满", "--json").stdout)
    assert shown["name"] == "青禾阿满"
    assert shown["misspellings"] == ["青禾阿曼"]
    assert shown["ambiguous"] == {"阿满": ["直播间", "带货"]}
    assert "青禾阿满" in {host["name"] for host in json.loads(run("list", "--json").stdout)}
    assert "青禾阿曼" in run("show", "青禾阿满").stdout


def test_a_name_that_is_taken_is_refused_with_the_way_out(run: Run, home: Home) -> None:
    with pytest.raises(FengpingError, match=r"already names 罗永浩.*--ambiguous 罗永浩=WORD,WORD"):
        run("add", "青禾阿满", "--alias", "罗永浩")
    assert not home.hosts.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--ambiguous", "阿满"), "is not ALIAS=WORD,WORD"),
        (("--ambiguous", "阿满=@sell"), "unknown group '@sell'"),
        (("--alias", " "), "an empty word would match everywhere"),
    ],
)
def test_a_bad_addition_leaves_the_file_as_it_was(
    run: Run, home: Home, options: tuple[str, str], told: str
) -> None:
    home.hosts.write_text("# mine\n", encoding="utf-8")
    with pytest.raises(FengpingError, match=told):
        run("add", "青禾阿满", *options)
    assert home.hosts.read_text(encoding="utf-8") == "# mine\n"
    assert [p.name for p in home.root.glob("hosts*")] == ["hosts.toml"]


def texts_file(folder: Path, name: str) -> Path:
    rows = [
        {"text": "主播“青禾阿满”直播间开播", "published_at": "2020-11-01T20:00"},
        {"text": "主播“青禾阿满”直播间售罄", "date": "2020-11-02"},
        {"title": "雪梨真甜", "text": "水果店里买的"},
    ]
    path = folder / name
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["texts.jsonl", "texts.jsonl.gz"])
def test_discover_and_audit_read_a_file(run: Run, tmp_path: Path, name: str) -> None:
    file = str(texts_file(tmp_path, name))
    found = json.loads(
        run("discover", "--file", file, "--min", "2", "--since", "2020-11-01", "--json").stdout
    )
    assert [(f["name"], f["documents"], f["first_seen"]) for f in found] == [("青禾阿满", 2, "2020-11-01")]
    audited = json.loads(run("audit", "--file", file, "--host", "雪梨", "--json").stdout)
    assert [(a["alias"], a["hits"], a["counted"]) for a in audited] == [("雪梨", 1, 0)]
    assert "青禾阿满" in run("discover", "--file", file, "--min", "1").stdout
    assert "no context" in run("audit", "--file", file).stdout


def test_a_csv_file_and_a_window(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("date,text\n2020-11-01,李佳琦开播\n2020-11-02,李佳琦下播\n,李佳琦\n", encoding="utf-8")
    window = ("--since", "2020-11-02", "--until", "2020-11-02")
    audited = json.loads(run("audit", "--file", str(file), *window, "--json").stdout)
    assert [(a["alias"], a["hits"]) for a in audited] == [("李佳琦", 1)]


def test_the_store_of_the_home_is_read_where_no_file_is_named(run: Run) -> None:
    assert json.loads(run("audit", "--json").stdout) == []
    assert json.loads(run("discover", "--json").stdout) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{\n", "Line 1 of .* is not valid JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(run: Run, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(content)
    with pytest.raises(FengpingError, match=told):
        run("audit", "--file", str(file))
    with pytest.raises(FengpingError, match="does not exist"):
        run("audit", "--file", str(tmp_path / "none.jsonl"))


def test_a_private_person_is_suggested_only_where_a_medium_names_them(run: Run, home: Home) -> None:
    texts = {"邵小禾": Channel.WEIBO, "傅青山": Channel.NEWS}
    with closing(open_store(home)) as store:
        store.put([
            document(n, None, f"主播“{name}”在直播间带货", channel=channel, people=(name,), parties=(name,))
            for n, (name, channel) in enumerate(texts.items())
        ])  # fmt: skip
    found = json.loads(run("discover", "--min", "1", "--json").stdout)
    assert [one["name"] for one in found] == ["傅青山"]
