"""A home whose store holds invented posts about two hosts, with a peak, a copied story and an empty day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from tests.store_samples import document

from fengping.cli import main
from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Polarity

NOW = parse_moment("2021-01-01")
PEAK = "2020-11-18"
EMPTY = "2020-11-25"

Run = Callable[..., tuple[int, str, str]]


def at(day: int, hour: int = 12) -> datetime:
    """An hour of the day that many days after Monday 2020-11-02."""
    return parse_moment("2020-11-02") + timedelta(days=day, hours=hour)


def posts() -> Iterator[Document]:
    """Two posts about 林小禾 a day, one about 周小满; on the peak thirty more, twenty of them copies."""
    for day in range(28):
        if day == 23:  # EMPTY: nothing at all was collected
            continue
        for n in range(3):
            host = "周小满" if n == 2 else "林小禾"
            yield document(
                f"d{day:02}{n}", f"{host}直播间今天上新", at(day, 9 + n), hosts=(host,),
                keywords=("上新", "直播间"),
                platforms=("抖音",) if n else ("快手",), issues=("C02",) if n == 1 else (),
                polarity=Polarity.NEG if n == 1 else Polarity.NEU, site="日报",
            )  # fmt: skip
    for n in range(30):
        copied = n < 20
        text = "林小禾直播间卖的玉镯是假货" if copied else f"林小禾玉镯退款第{n}天"
        yield document(
            f"p{n:02}", text, at(16, 8 + n // 3), title="玉镯鉴定为假" if copied else "", hosts=("林小禾",),
            keywords=("玉镯", "假货", "直播间"), platforms=("抖音",), issues=("C03",), polarity=Polarity.NEG,
            group="p00" if copied else f"p{n:02}", first_in_group=not copied or n == 0,
            site="晚报" if n == 0 else "转载网", url=f"https://news.example/{n}",
        )  # fmt: skip


@pytest.fixture
def filled(home: Home) -> Home:
    """The home with its posts in the store."""
    store = open_store(home)
    store.put(list(posts()))
    store.close()
    return home


@pytest.fixture
def run(filled: Home, capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls ``fengping --home HOME …``; gives exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = 0
        try:
            main(["--home", str(filled.root), *arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        said = capfd.readouterr()
        return code, said.out, said.err

    return call
