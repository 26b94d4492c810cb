"""``forget`` finds a person where no document stands: in rows that cannot be read, and in saved queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.making import new_home

from fengping.clock import SHANGHAI
from fengping.home import Home
from fengping.services import erase, queries

NOW = datetime(2026, 11, 12, 4, 0, tzinfo=SHANGHAI)
NAME = "样例阿丙"
AS_ESCAPES = NAME.encode("unicode-escape").decode()


def wanted(home: Home) -> erase.Wanted:
    return erase.Wanted.make(home, author=NAME, urls=[], before=None)


def test_a_torn_row_that_names_the_author_in_escapes_is_found_and_removed(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    home.quarantine.mkdir(parents=True, exist_ok=True)
    torn = home.quarantine / "import-20261112T040000Z.jsonl"
    data = f'{{\\"author\\": \\"{AS_ESCAPES}\\", \\"text\\": \\"...'.replace("\\u", "\\\\u")
    others = b'{"data": "{\\"author\\": \\"somebody"}\n', b"\xff no JSON at all\n"
    torn.write_bytes(f'{{"data": "{data}"}}\n'.encode() + b"".join(others))
    found = erase.find(home, wanted(home))
    assert (len(found.documents), found.lines) == (0, 1)
    assert erase.forget(home, wanted(home), found, NOW).counts["lines"] == 1
    assert torn.read_bytes() == b"".join(others)


def test_a_saved_query_that_names_the_person_goes_and_one_in_use_is_named(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    queries.save(home, "rows", f'"{NAME}" 退款', NOW - timedelta(days=1))
    queries.save(home, "needed", "退款", NOW - timedelta(days=1), note=f"for {NAME}")
    queries.save(home, "user", "query:needed 假货", NOW - timedelta(days=1))
    found = erase.find(home, wanted(home))
    assert found.queries == ["needed", "rows"]
    done = erase.forget(home, wanted(home), found, NOW)
    assert done.counts["queries"] == 1
    assert [one.name for one in queries.saved(home)] == ["needed", "user"]
    assert any(
        "'needed' names what was forgotten" in sentence and "'user'" in sentence for sentence in done.later
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{NAME}的店", True),
        (f"投诉{NAME}退款", True),
        (f"{NAME[:-1]}的店", False),
        (f"{NAME}2 退款", False),  # another account
        (f"{NAME}x", False),
    ],
)
def test_a_saved_query_names_the_person_within_chinese_text(tmp_path: Path, text: str, names: bool) -> None:
    home = new_home(tmp_path)
    queries.save(home, "rows", f'"{text}"', NOW - timedelta(days=1))
    assert erase.find(home, wanted(home)).queries == ["rows"] * names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"author:{NAME}", True),
        (f'作者:"{NAME}" 退款', True),
        (f"author:{NAME}子", False),  # another account
        (f"author:{NAME}子 {NAME}", True),
    ],
)
def test_a_saved_query_on_authors_goes_with_whom_it_has_whole(tmp_path: Path, text: str, names: bool) -> None:
    home = new_home(tmp_path)
    queries.save(home, "rows", text, NOW - timedelta(days=1))
    assert erase.find(home, wanted(home)).queries == ["rows"] * names


def test_a_saved_query_outlives_what_is_forgotten_for_its_age_alone(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    queries.save(home, "rows", "退款", NOW - timedelta(days=9))
    assert erase.find(home, erase.Wanted.make(home, author="", urls=[], before=NOW)).queries == []
    named = erase.Wanted.make(home, author="退款", urls=[], before=NOW)
    assert erase.find(home, named).queries == ["rows"]
