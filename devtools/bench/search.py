"""Putting, searching and counting: the embedded store, and beside it the one that ``--store`` names."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate, islice
from pathlib import Path

from devtools.bench import Options, Row
from fengping.indexer import Filter, Interval, Sort, Store, open_store_url
from fengping.indexer.search import parse, regrouping
from fengping.models import Channel, Document, Evidence, Judgement, Polarity, RawDocument, document_id

SIZE = 100_000
BATCH = 5_000
REPEATS = 7
DAYS = 28
START = datetime(2020, 10, 19, 16, tzinfo=UTC)

WORDS = (
    "直播间", "主播", "带货", "质量", "物流", "退货", "客服", "假货", "差评", "好评", "价格",
    "优惠", "平台", "售后", "虚假", "宣传", "下单", "快递", "包装", "客户", "双十一", "红包",
    "活动", "商家", "正品", "试用", "颜色", "尺码", "材质", "味道", "效果", "推荐", "回购",
    "失望", "满意", "便宜", "贵了", "没有", "收到", "发货", "投诉", "赔偿", "道歉",
)  # fmt: skip
# Less and less common characters between the words, as in real text.
_CHARACTERS = [chr(0x4E00 + 7 * n) for n in range(2_500)]
_WEIGHTS = list(accumulate(1 / (n + 10) for n in range(len(_CHARACTERS))))
HOSTS = [f"主播{n:02}" for n in range(85)]

_QUERIES = {
    "a word, 20 newest": "退货",
    "two words and not a third": "主播 (退货 OR 投诉) -好评",
    "NEAR/10 of two words": "NEAR/10(假货 赔偿)",
    "NEAR/10 of three words": "NEAR/10(假货 赔偿 客服)",
}


def posts(size: int) -> Iterator[Document]:
    """Invented, judged posts of about 120 characters, spread over :data:`DAYS` days; always the same."""
    chance = random.Random(7)
    for number in range(size):
        pieces: list[str] = []
        while sum(map(len, pieces)) < 110:
            pieces += ["".join(chance.choices(_CHARACTERS, cum_weights=_WEIGHTS, k=6)), chance.choice(WORDS)]
        text = "，".join("".join(pieces[at : at + 4]) for at in range(0, len(pieces), 4))
        id = document_id("bench", str(number))
        moment = START + timedelta(seconds=DAYS * 86_400 * number // size)
        tone = chance.choice([*Polarity])
        yield Document(
            RawDocument(
                id=id, source="样本", text=text, fetched_at=START, title=text[:16], site="posts.example",
                url=f"https://posts.example/{id}", channel=Channel.WEIBO, published_at=moment,
            ),
            Judgement(
                snownlp=chance.random(), negative=chance.random(), polarity=tone, relevant=True,
                hosts=tuple(chance.sample(HOSTS, chance.choice([0, 1, 2]))), platforms=("样台",),
                issues=("C02",) if tone is Polarity.NEG else (), keywords=tuple(chance.sample(WORDS, 5)),
                evidence=(Evidence("issue:C02", 0, 2, "样"),), model="bench",
            ),
            group=id, first_in_group=True, indexed_at=START,
        )  # fmt: skip


def run(options: Options) -> list[Row]:
    """Documents put a second and milliseconds a question, at the size put; the median of some askings.

    The posts go into ``NAME-bench`` of an Elasticsearch URL, never among the user's own, and out again.
    """
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        url = f"tantivy:{Path(folder) / 'index'}"
        rows = _measure(url, size)
    if not options.store:
        return rows
    named = _measure(f"{options.store.rstrip('/')}-bench", size)
    return [
        *rows,
        *(
            Row(row.what, row.value, row.unit, row.n, row.value / base.value, base.what)
            for row, base in zip(named, rows, strict=True)
        ),
    ]


FACETS = ("hosts", "issues", "platforms", "polarity", "channel", "source", "relevant")
_COLUMNS = ("id", "published_at", "negative_hosts")


def _measure(url: str, size: int) -> list[Row]:
    name = url.partition(":")[0].partition("+")[0]
    with closing(open_store_url(url)) as store:
        ids: list[str] = []
        seconds = 0.0
        made = posts(size)
        while batch := list(islice(made, BATCH)):
            seconds += _seconds(partial(store.put, batch))
            ids += [post.id for post in batch]
        rows = [Row(f"{name}: put", size / seconds, "documents/s", size)]
        for what, ask in _questions(store).items():
            ask()
            median = statistics.median(_seconds(ask) for _ in range(REPEATS))
            rows.append(Row(f"{name}: {what}", 1_000 * median, "ms", size))
        regrouped = regrouping(dict.fromkeys(ids[: size // 100], ("one", False)))
        seconds = _seconds(lambda: store.update(regrouped))
        rows.append(Row(f"{name}: regroup", len(regrouped) / seconds, "documents/s", len(regrouped)))
        store.delete(ids)
    return rows


def _questions(store: Store) -> dict[str, Callable[[], object]]:
    window = Filter(since=START, until=START + timedelta(days=DAYS))
    word = Filter(text=parse("退货"))
    asked: dict[str, Callable[[], object]] = {"the 20 newest": lambda: store.search(Filter())}
    for what, query in _QUERIES.items():
        asked[what] = partial(store.search, Filter(text=parse(query)))
    asked |= {
        "a word, 20 most relevant": lambda: store.search(word, sort=Sort.RELEVANCE),
        "day × host": lambda: store.histogram(window, Interval.DAY, split="hosts"),
        "day × host of a word": lambda: store.histogram(word, Interval.DAY, split="hosts"),
        "hour": lambda: store.histogram(window, Interval.HOUR),
        "hosts": lambda: store.terms(window, "hosts"),
        "seven facets": lambda: store.facets(window, FACETS),
        "all of a word": lambda: sum(1 for _ in store.scan(word)),
        "three columns of these": lambda: sum(1 for _ in store.columns(word, _COLUMNS)),
        "one filter and window": lambda: store.count(
            Filter(since=START, until=START + timedelta(days=7), where={"polarity": ("neg",)})
        ),
    }
    return asked


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
