"""A wrong import is taken back whole; a forgotten row stays out until it is asked for; reposts are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from tests.commands import fengping
from tests.meanwhile import failing

from fengping.clock import now
from fengping.home import Home
from fengping.indexer import erase, open_journal
from fengping.indexer.importing.again import imported_again
from fengping.services.undoing import undo_import
from fengping.state import State

pytestmark = pytest.mark.slow

HEAD = "正文,链接,作者,时间\n"


def table(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(home: Home, *arguments: str) -> dict[str, Any]:
    done = fengping(home, *arguments, *([] if "--counts" in arguments else ["--json"]))
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def take(home: Home, file: Path, *options: str) -> dict[str, Any]:
    return run(home, "import", str(file), "--source", "vendor", "--yes", *options)


def texts(home: Home) -> list[str]:
    lines = [line for batch in open_journal(home).read({}, 100) for line in batch.lines]
    return sorted(line.document.text for line in lines if line.document)


def test_several_imports_are_undone_in_one_command(home: Home, tmp_path: Path) -> None:
    for name in ("甲", "乙", "丙"):
        take(
            home,
            table(tmp_path / f"{name}.csv", f"{name}店发货太慢,https://a.example/{name},小王,2020-11-11"),
        )
    refused = fengping(home, "import", "--undo", "1", "--undo", "9", "--yes")
    assert refused.returncode == 2 and "There is no import 9." in refused.stderr
    assert len(texts(home)) == 3
    done = fengping(home, "import", "--undo", "1", "--undo", "3", "--yes", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["number"], one["documents"]) for one in told] == [(3, 1), (1, 1)]
    assert texts(home) == ["乙店发货太慢"]


def test_an_import_is_undone_and_may_come_again(home: Home, tmp_path: Path) -> None:
    right = table(tmp_path / "right.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    wrong = table(
        tmp_path / "wrong.csv",
        "甲店发货太慢了又改了,https://a.example/1,小王,2020-11-11",
        "乙店不给退款,https://a.example/2,小李,2020-11-11",
    )
    take(home, right)
    number = take(home, wrong)["number"]
    run(home, "index")
    assert run(home, "import", "--undo", str(number), "--yes") == {
        "number": number, "documents": 1, "restored": 1, "kept": 0, "later": [],
    }  # fmt: skip
    run(home, "index")
    assert set(texts(home)) == {"甲店发货太慢"}
    found = fengping(home, "search", "店", "--json")
    assert "不给退款" not in found.stdout and "又改了" not in found.stdout
    assert "甲店发货太慢" in found.stdout
    assert take(home, wrong)["statuses"] == {"updated": 1, "new": 1}
    listed = run(home, "import", "--list")["imports"]
    assert [one["undone_at"] is None for one in listed] == [True, False, True]


@pytest.mark.long
def test_what_a_later_import_brought_too_stays_until_that_one_is_undone(home: Home, tmp_path: Path) -> None:
    rows = [f"甲店发货太慢{n},https://a.example/{n},小王,2020-11-11" for n in range(4)]
    first = take(home, table(tmp_path / "1.csv", *rows[:2]))["number"]
    second = take(home, table(tmp_path / "2.csv", *rows[1:3]))
    assert second["statuses"] == {"again": 1, "new": 1}
    run(home, "index")
    undone = run(home, "import", "--undo", str(first), "--yes")
    assert (undone["documents"], undone["kept"]) == (1, 1)
    run(home, "index")
    assert texts(home) == ["甲店发货太慢1", "甲店发货太慢2"]
    assert take(home, tmp_path / "2.csv")["statuses"] == {"again": 2}
    # Each of two that brought them may go, and only with the last the rows go.
    undone = run(home, "import", "--undo", str(second["number"]), "--yes")
    assert (undone["documents"], undone["kept"]) == (0, 2)
    assert texts(home) == ["甲店发货太慢1", "甲店发货太慢2"]
    assert run(home, "import", "--undo", "3", "--yes")["documents"] == 2
    assert texts(home) == []
    assert take(home, tmp_path / "2.csv")["statuses"] == {"new": 2}


def test_rows_that_another_source_brought_too_are_told(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    number = take(home, file)["number"]
    other = run(home, "import", str(file), "--source", "partner", "--yes")
    assert other["statuses"] == {"again": 1}
    undone = run(home, "import", "--undo", str(number), "--yes")
    assert (undone["documents"], undone["kept"]) == (1, 0)
    [told] = undone["later"]
    assert f"Import {other['number']} as partner brought 1 of these rows too" in told
    assert "to have them again, import its files anew" in told
    assert texts(home) == []


def test_imports_of_two_sources_stand_for_their_own(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    for source in ("vendor", "partner", "vendor", "partner"):
        run(home, "import", str(file), "--source", source, "--yes")
    undone = run(home, "import", "--undo", "1", "--yes")
    assert (undone["documents"], undone["kept"]) == (0, 1)
    assert texts(home) == ["甲店发货太慢"]


def test_an_import_with_the_same_kind_stands_for_an_earlier_one(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    for options in (("--kind", "post"), ("--kind", "news"), ("--kind", "post"), ("--kind", "news")):
        take(home, file, *options)
    assert run(home, "import", "--undo", "1", "--yes")["kept"] == 1
    undone = run(home, "import", "--undo", "3", "--yes")
    assert (undone["documents"], undone["kept"]) == (1, 0)
    assert ["Import 2 as vendor" in told for told in undone["later"]] == [True, False]


def test_rows_of_a_kind_outlast_an_import_without_one(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    for options in (("--kind", "post"), (), ("--kind", "post")):
        take(home, file, *options)
    undone = [run(home, "import", "--undo", number, "--yes") for number in "12"]
    assert [one["documents"] for one in undone] == [0, 0]
    assert texts(home) == ["甲店发货太慢"]
    assert run(home, "import", "--undo", "3", "--yes")["documents"] == 1


def test_rows_stay_with_an_import_of_their_kind_that_came_after_they_were_handed_over(
    home: Home, tmp_path: Path
) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    take(home, file, "--kind", "post")
    take(home, file)
    assert run(home, "import", "--undo", "1", "--yes")["kept"] == 1
    for kind in ("news", "post"):
        take(home, file, "--kind", kind)
    undone = run(home, "import", "--undo", "2", "--yes")
    assert (undone["documents"], undone["kept"], undone["later"]) == (0, 1, [])
    assert texts(home) == ["甲店发货太慢"]
    assert run(home, "import", "--undo", "4", "--yes")["documents"] == 1


def test_a_row_comes_again_where_all_that_is_noted_of_it_was_handed_over(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    for _ in range(3):
        take(home, file)
    # As two undos leave it that were interrupted after they had handed the row over.
    with State.open(home).begin() as connection:
        connection.execute(update(imported_again).values(owned=True))
    assert take(home, file)["statuses"] == {"again": 1}
    for number in "123":
        assert run(home, "import", "--undo", number, "--yes")["kept"] == 1
    assert run(home, "import", "--undo", "4", "--yes")["documents"] == 1


def test_a_file_that_is_imported_every_night_is_noted_twice_at_most(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    numbers = [take(home, file)["number"] for _ in range(5)]
    with State.open(home).begin() as connection:
        noted = list(connection.scalars(select(imported_again.c.run).order_by(imported_again.c.run)))
    assert noted == [numbers[1], numbers[4]]
    for number in (numbers[4], numbers[0]):
        run(home, "import", "--undo", str(number), "--yes")
    assert texts(home) == ["甲店发货太慢"]
    run(home, "forget", "--url", "https://a.example/1", "--yes")
    with State.open(home).begin() as connection:
        assert connection.scalar(select(func.count()).select_from(imported_again)) == 0


@pytest.fixture
def watched(home: Home) -> Home:
    """A home with a rule that counts every document."""
    home.alerts.mkdir()
    text = 'name = "each"\nkind = "any"\nkey_by = "none"\nnegative = false\nmin_relevance = 0\n'
    (home.alerts / "each.toml").write_text(f'{text}channels = ["file"]\n', encoding="utf-8")
    return home


@pytest.mark.long
@pytest.mark.parametrize("meanwhile", [(), ("index",), ("reindex",)])
def test_what_is_undone_hides_no_late_arrival(
    meanwhile: tuple[str, ...], watched: Home, tmp_path: Path
) -> None:
    rows = (f"甲店发货太慢{n},https://a.example/{n},小王,2020-11-11" for n in range(3))
    wrong, right = table(tmp_path / "a.csv", next(rows), next(rows)), table(tmp_path / "b.csv", next(rows))
    number = take(watched, wrong)["number"]
    run(watched, "index")
    assert run(watched, "alerts", "check", "--counts")["late"] == 0
    run(watched, "import", "--undo", str(number), "--yes")
    for command in meanwhile:
        run(watched, command)
    take(watched, right)
    run(watched, "index")
    assert run(watched, "alerts", "check", "--counts")["late"] == 1


@pytest.mark.long
def test_an_undo_that_was_interrupted_hides_no_late_arrival(watched: Home, tmp_path: Path) -> None:
    wrong, right = (f"甲店发货太慢{n},https://a.example/{n},小王,2020-11-11" for n in range(2))
    number = take(watched, table(tmp_path / "a.csv", wrong))["number"]
    run(watched, "index")
    run(watched, "alerts", "check", "--counts")
    with failing(erase, "_clean_stores", OSError("gone")), pytest.raises(OSError, match="gone"):
        undo_import(watched, number, now())
    undo_import(watched, number, now())
    take(watched, table(tmp_path / "b.csv", right))
    run(watched, "index")
    assert run(watched, "alerts", "check", "--counts")["late"] == 1


def test_an_import_is_not_undone_twice_and_never_one_that_is_none(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    number = take(home, file)["number"]
    run(home, "import", "--undo", str(number), "--yes")
    for wrong in (number, 99):
        done = fengping(home, "import", "--undo", str(wrong), "--yes")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "import --list" in done.stderr
    assert "Missing --source" in fengping(home, "import", str(file)).stderr


def test_a_forgotten_row_comes_again_when_it_is_asked_for(home: Home, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", "甲店发货太慢,https://a.example/1,小王,2020-11-11")
    take(home, file)
    run(home, "forget", "--url", "https://a.example/1", "--yes")
    assert take(home, file)["statuses"] == {"forgotten": 1}
    assert texts(home) == []
    assert take(home, file, "--bring-back")["statuses"] == {"new": 1}
    assert take(home, file)["statuses"] == {"again": 1}
    assert texts(home) == ["甲店发货太慢"]


def test_reposts_with_the_name_are_named_and_removed_on_wish(home: Home, tmp_path: Path) -> None:
    said = "甲店的直播间卖的锅一用就裂了"
    file = table(
        tmp_path / "a.csv",
        f"{said},https://a.example/1,王小明明,2020-11-11",
        f"//@王小明明：{said} 大家注意,https://a.example/2,路人甲,2020-11-11",
        f"听人说{said},https://a.example/3,路人乙,2020-11-11",
        "王小明明来我店里了,https://a.example/4,路人丙,2020-11-11",
    )
    take(home, file)
    wish = ("forget", "--url", "https://a.example/1", "--yes")
    told = fengping(home, *wish)
    assert told.returncode == 0
    assert "https://a.example/2" in told.stderr and "--with-reposts" in told.stderr
    assert "https://a.example/3" not in told.stderr and "https://a.example/4" not in told.stderr
    assert len(texts(home)) == 3
    run(home, "import", str(file), "--source", "vendor", "--yes", "--bring-back")
    assert run(home, *wish, "--with-reposts")["documents"] == 2
    assert sorted(texts(home)) == ["听人说" + said, "王小明明来我店里了"]
