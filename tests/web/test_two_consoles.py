"""Two consoles of one deployment: what one works at, the other tells of; what one drafts, the other has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests import postgres
from tests.commands import fengping
from tests.web.conftest import NOW, token_of
from tests.web.test_edition_pages import NUMBER, drafted, ended

from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.errors import HomeBusy, UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.progress import Listener, Step
from fengping.reports.archive import Editions, EditionState, prints
from fengping.reports.erase import erase_prints
from fengping.scheduler import taking
from fengping.services import edition as editions
from fengping.services import sharing
from fengping.state import State
from fengping.web import make_app
from fengping.web.pages import editions as edition_pages
from fengping.web.working import Done, Works

pytestmark = pytest.mark.long


@pytest.fixture
def machines(postgres_server: str, stock: Path, tmp_path: Path) -> tuple[Home, Home]:
    """Two machines on one state and one store."""
    url = postgres.database(postgres_server)
    shutil.copytree(stock, tmp_path / "first")
    config = f'state = "{url}"\nstore = "tantivy:{tmp_path}/first/var/index"\n'
    (tmp_path / "first" / "fengping.toml").write_text(config, encoding="utf-8")
    first, second = Home.open(tmp_path / "first"), Home(tmp_path / "second")
    sharing.share(first)
    sharing.join(second, url)
    return first, Home.open(second.root)


@pytest.fixture
def consoles(machines: tuple[Home, Home]) -> Iterator[tuple[TestClient, TestClient]]:
    one, other = (
        TestClient(make_app(home, clock=lambda: NOW), base_url="http://127.0.0.1") for home in machines
    )
    with one, other:
        yield one, other


def works_of(client: TestClient) -> Works:
    works: Works = client.app.state.desk.works  # type: ignore[attr-defined]
    return works


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class TestWork:
    def test_the_other_console_tells_how_far_it_is_and_leads_on(
        self, consoles: tuple[TestClient, TestClient]
    ) -> None:
        one, other = consoles
        going = threading.Event()

        def make(show: Listener) -> Done:
            show(Step("x", 3, 7, note="counting"))
            going.wait(60)
            return Done("/sources", "做好了三份")

        work = works_of(one).begin("一份周报", NOW, make, here="/reports")
        page = f"/progress/{work.id}"
        until(lambda: "43%" in other.get(page).text)
        shown = other.get(page)
        assert "一份周报" in shown.text and "取数、写作" in shown.text and shown.headers["refresh"] == "1"
        assert page in other.get("/reports").text
        with pytest.raises(HomeBusy, match="一份周报 is being made already"):
            works_of(other).begin("一份周报", NOW, make, here="/reports")
        going.set()
        until(lambda: other.get(page, follow_redirects=False).status_code == 303)
        assert "做好了三份" in other.get(page).text
        assert works_of(other).begin("一份周报", NOW, make, here="/reports").id != work.id

    def test_the_other_console_tells_why_it_was_not_done(
        self, consoles: tuple[TestClient, TestClient]
    ) -> None:
        def make(_show: Listener) -> Done:
            raise UsageError("Give a name.", remedy="Begin it again.")

        page = f"/progress/{works_of(consoles[0]).begin('登记', NOW, make, here='/reports').id}"
        until(lambda: "没有做成" in consoles[1].get(page).text)
        shown = consoles[1].get(page)
        assert "再做一次" in shown.text and "refresh" not in shown.headers

    def test_work_of_a_dead_console_has_ended(
        self, machines: tuple[Home, Home], consoles: tuple[TestClient, TestClient]
    ) -> None:
        code = (
            "import os, sys, time\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
            "from fengping.home import Home\nfrom fengping.web import board\n"
            "from fengping.web.working import Works\nboard.LEASE_MS = 2000\n"
            "works = Works(board.Board(Home.open(Path(sys.argv[1]))))\n"
            "work = works.begin('月报', datetime.now(UTC), lambda show: time.sleep(60), here='/reports')\n"
            "print(work.id, flush=True)\nos._exit(9)"
        )
        command = [sys.executable, "-c", code, str(machines[0].root)]
        page = (
            f"/progress/{subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()}"
        )
        until(lambda: "没做完就停了" in consoles[1].get(page).text)
        assert "refresh" not in consoles[1].get(page).headers
        assert consoles[1].get("/progress/nothing").status_code == 404


@pytest.fixture
def drawn(
    consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home], monkeypatch: pytest.MonkeyPatch
) -> str:
    """The page of an edition that was drafted in the first console."""
    monkeypatch.setattr(editions, "FORMATS", ("html", "md", "docx"))
    monkeypatch.setattr(edition_pages, "QUICK", ("html", "json"))
    monkeypatch.setattr(prints, "_CHUNK", 5_000)
    page = drafted(consoles[0])
    assert page.startswith("/reports/"), page
    assert not (machines[1].reports / "editions").exists()
    return page


def names_in(home: Home) -> dict[str, bytes]:
    folder = home.reports / "editions" / NUMBER
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestEditions:
    def test_one_is_drafted_here_and_reviewed_signed_and_read_there(
        self, drawn: str, consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home]
    ) -> None:
        one, other = consoles
        assert other.get(f"{drawn}/{NUMBER}.docx").content == one.get(f"{drawn}/{NUMBER}.docx").content
        assert names_in(machines[0]) == names_in(machines[1])
        token = token_of(other)
        key = re.findall(r'name="target" value="([^"]+)"', other.get(f"{drawn}/review").text)[0]
        edit = {"token": token, "target": key, "action": "reword", "text": "共收到若干条。"}
        assert other.post(f"{drawn}/edit", data=edit).status_code == 200
        assert "若干条" in one.get(f"{drawn}/{NUMBER}.html").text
        assert one.get(f"{drawn}/{NUMBER}.docx").status_code == 404  # no stale file is ever handed over
        for to in ("reviewed", "signed"):
            form = {"token": token, "to": to, "name": "甲", "sure": "1"}
            done = other.post(f"{drawn}/advance", data=form, follow_redirects=False)
            ended(other, done.headers["location"])
        assert Editions(machines[0]).find(NUMBER).state is EditionState.SIGNED
        assert "若干条" in one.get(f"{drawn}/{NUMBER}.md").text
        assert "已签发" in one.get(f"{drawn}/{NUMBER}.html").text
        assert names_in(machines[0]) == names_in(machines[1])

    def test_files_that_were_given_to_it_go_along(
        self,
        consoles: tuple[TestClient, TestClient],
        machines: tuple[Home, Home],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(editions, "FORMATS", ("md",))
        one, other = consoles
        form = {"token": token_of(one), "kind": "custom", "first": "2020-11-01", "last": "2020-11-12"}
        given = {"background": ("cited.toml", '[[figure]]\ntext = "某数字"\nsource = "x"\n'.encode())}
        begun = one.post("/reports", data=form, files=given, follow_redirects=False)
        page = ended(one, begun.headers["location"])
        shutil.rmtree(machines[0].reports / "given")  # as on a machine in another folder
        token = token_of(other)
        assert "起草之后信息有了变化" not in other.get(f"{page}/review").text
        again = other.post(f"{page}/redraft", data={"token": token}, follow_redirects=False)
        second = ended(other, again.headers["location"])
        assert second == page[:-1] + "2"
        assert "某数字" in one.get(f"{second}/{second.rpartition('/')[2]}.md").text

    def test_what_lacks_here_or_was_changed_on_the_way_is_told_apart(
        self, drawn: str, consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home]
    ) -> None:
        other = consoles[1]
        path = Editions(machines[1]).folder(NUMBER) / f"{NUMBER}.md"
        path.unlink()
        assert other.get(f"{drawn}/{NUMBER}.md").status_code == 200
        path.unlink()
        with State.open(machines[0]).begin() as connection:
            changed = prints.parts.update().where(prints.parts.c.name == path.name, prints.parts.c.part == 0)
            connection.execute(changed.values(content=b"other"))
        refused = other.get(f"{drawn}/{NUMBER}.md")
        assert refused.status_code == 500 and "放进状态库时不一样" in refused.text

    def test_what_is_forgotten_goes_from_every_machine(
        self, drawn: str, consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home]
    ) -> None:
        first, second = machines
        assert consoles[1].get(drawn).status_code == 200
        with closing(open_store(first)) as store:
            quoted = [one.raw for one in store.scan(Filter())]
        third = Home(first.root.parent / "third")
        sharing.join(third, first.config.state)
        # A machine that never had the files takes them from all.
        done = erase_prints(
            Erasure(Home.open(third.root), quoted, Traces(quoted), lambda _line, _at: False, NOW)
        )
        assert f"{NUMBER}.docx" in {path.name for path in done.files}
        assert not names_in(third)
        assert names_in(first) and consoles[0].get(f"{drawn}/{NUMBER}.html").status_code == 404
        assert Editions(second).hand_on() == [] and names_in(second)
        taking.Taking(second).round()
        assert not names_in(first) and not names_in(second)
        with State.open(first).begin() as connection:
            assert not connection.execute(prints.parts.select()).all()

    def test_a_signed_one_is_held_and_sealed_on_every_machine(
        self, drawn: str, consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home]
    ) -> None:
        first, second = machines
        for to in (EditionState.REVIEWED, EditionState.SIGNED):
            editions.advance(first, NUMBER, to, "甲", NOW)
        with closing(open_store(first)) as store:
            quoted = [one.raw for one in store.scan(Filter())]
        erase_prints(Erasure(second, quoted, Traces(quoted), lambda _line, _at: False, NOW))
        taking.Taking(first).round()
        assert Editions(first).find(NUMBER).sealed and names_in(first) == names_in(second)
        assert "已封存" in consoles[0].get(drawn).text

    def test_those_drafted_before_the_state_was_shared_are_handed_on_by_share(
        self, drawn: str, consoles: tuple[TestClient, TestClient], machines: tuple[Home, Home]
    ) -> None:
        first, _ = machines
        with State.open(first).begin() as connection:
            prints.drop(connection, [NUMBER])
        (first.reports / "editions" / NUMBER / prints.MARK).unlink()
        assert consoles[1].get(f"{drawn}/{NUMBER}.html").status_code == 404
        assert f"handed on the files of {NUMBER}" in fengping(first, "share").stdout
        assert consoles[1].get(f"{drawn}/{NUMBER}.html").status_code == 200


@pytest.mark.formats("md")
def test_a_home_of_one_machine_keeps_its_editions_once(client: TestClient, stocked: Home) -> None:
    drafted(client)
    with State.open(stocked).begin() as connection:
        assert not connection.execute(prints.parts.select()).all()
    assert prints.MARK not in names_in(stocked)
