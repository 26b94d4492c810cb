"""``fengping extract``, the evaluation, and the floors on real pages."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.bench import Options
from devtools.bench import extraction as bench
from devtools.evaluation import extraction as evaluation
from fengping.cli import main
from fengping.errors import UsageError

PAGES = Path(__file__).parents[1] / "pages"
DATA = Path(os.environ.get("FENGPING_DATA", Path(__file__).parents[3] / "shared" / "data"))


def run(*arguments: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["extract", *arguments])
    out, err = capfd.readouterr()
    return int(left.value.code or 0), out, err


@pytest.mark.long
def test_the_first_start_says_what_it_waits_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fengping", "extract", str(PAGES / "people" / "page.html")]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    told = []
    for _ in range(2):
        ours, theirs = pty.openpty()
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=theirs, check=True)
        os.close(theirs)
        with contextlib.suppress(OSError):  # nothing was written and nobody is left to write
            told.append(os.read(ours, 1_000).decode().strip())
        os.close(ours)
        assert json.loads(done.stdout)["title"].startswith("江州消委会通报")
    assert told == ["Compiling the inner loops, once on this machine; it takes up to a minute."]


def test_one_json_object_without_a_home(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        code, out, err = run(str(PAGES / "people" / "page.html"), capfd=capfd)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["title"].startswith("江州消委会通报")
    assert found["published_at"] == "2020-11-11T08:18:00+08:00"
    assert (found["author"], found["site"], found["precision"]) == ("周晓禾", "江州日报", "minute")
    assert found["text"].count("\n") == 5
    assert found["methods"]["text"] == "density"


def test_the_address_dates_a_page(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(
        "<h1>直播间围巾抽检结果公布</h1><p>二十批次中有六批次不合格，不合格项目集中在纤维含量。</p>",
        encoding="utf-8",
    )
    _, out, _ = run(str(file), "--url", "http://a.example/n/20201111/1.html", capfd=capfd)
    assert json.loads(out)["published_at"] == "2020-11-11T00:00:00+08:00"
    _, out, _ = run(str(file), capfd=capfd)
    assert json.loads(out)["published_at"] is None


@pytest.mark.parametrize("what", ["missing", "folder", "pdf", "noise"])
def test_what_is_no_page_is_one_sentence(
    what: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3")
    (tmp_path / "noise").write_bytes(bytes(range(1, 9)) * 400)
    (tmp_path / "folder").mkdir()
    code, out, err = run(str(tmp_path / what), capfd=capfd)
    assert (code, out) == (2, "")
    assert err.startswith("fengping: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("page", ["", " \n", "<title>只有标题</title><nav>首页</nav>"])
def test_a_page_without_an_article_is_told_by_the_exit_code(
    page: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "empty.html"
    file.write_text(page, encoding="utf-8")
    code, out, err = run(str(file), capfd=capfd)
    assert (code, json.loads(out)["text"]) == (1, "")
    assert err == f"No article was found in {file}.\n"


def test_overlap_counts_grams_without_white_space() -> None:
    assert evaluation.overlap("今天天气 很好\n", "今天天气很好") == (1.0, 1.0, 1.0)
    assert evaluation.overlap("", "今天天气很好") == (0.0, 0.0, 0.0)
    precision, recall, f1 = evaluation.overlap("今天天气很好", "今天天气")
    assert (precision, recall) == (0.5, 1.0)
    assert f1 == pytest.approx(2 / 3)


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "pages").is_dir(), reason="the measuring data are not here")
def test_real_pages_reach_what_is_promised() -> None:
    figures = {f.name: f for f in evaluation.measure(DATA)}
    for name in ("pages.body.f1", "pages.title.exact", "pages.date"):
        asked = figures[name].asked
        assert asked is not None
        assert figures[name].value >= asked, name


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "pages").is_dir(), reason="the measuring data are not here")
def test_the_bench_reads_the_same_pages_with_both() -> None:
    rows = bench.run(Options(size=2, store="", data=DATA))
    assert [row.n for row in rows] == [2, 2]
    assert rows[0].ratio == pytest.approx(rows[0].value / rows[1].value)


def test_the_bench_wants_pages(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no pages"):
        bench.run(Options(size=1, store="", data=tmp_path))
