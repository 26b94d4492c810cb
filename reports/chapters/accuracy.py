"""The sentence of the data statement on how often the judge says what readers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fengping.reports.facts import Agreement, share_of
from fengping.reports.wording import FLOOR, Fact, Figure, Query, Text, compose, join, number, share

TOLD = {
    "label": ("判定准确率", "系统的判定与人工一致的占{share}"),
    "precision": ("判为负面的准确率", "判为负面的有{share}人工也判为负面"),
    "recall": ("负面的检出率", "人工判为负面的有{share}由系统判出"),
}
"""Name and words of each measure."""
WILSON = Query("Wilson's interval at 95 %")


def accuracy_told(measured: Mapping[str, Agreement]) -> Text:
    """Agreement on a random sample, each share with its n and interval; or that nothing was measured."""
    whole = measured.get("label")
    if whole is None:
        return ("判定准确率：未经人工抽样测定。",)
    drawn = number(_count("accuracy.n", "随机抽取并经人工校正的信息", whole.n))
    text = compose("判定准确率：随机抽取并经人工校正{n}条", n=drawn)
    if whole.passed:
        passed = number(_count("accuracy.passed", "随机抽到而未答的信息", whole.passed))
        text += compose("（另有{passed}条抽到而未答）", passed=passed)
    if whole.n < FLOOR:
        return (*text, f"，样本不足{FLOOR}条，不列准确率。")
    return join([*text, *_shares(measured), "。样本取自本系统全部已判信息，不限于监测期。"])


def _shares(measured: Mapping[str, Agreement]) -> Iterator[str | Figure]:
    for key, (name, words) in TOLD.items():
        found = measured.get(key)
        if found is None or found.n < FLOOR:
            continue
        id, of = f"accuracy.{key}", f"{name}的样本"
        right, n = _count(f"{id}.right", f"{of}中一致的", found.right), _count(f"{id}.n", of, found.n)
        told = share_of(id, name, right, n)
        low = replace(told, id=f"{id}.low", label=f"{name}的95%区间下限", value=found.low, query=WILSON)
        high = replace(told, id=f"{id}.high", label=f"{name}的95%区间上限", value=found.high, query=WILSON)
        yield "，" if key == "label" else "；"
        yield from compose(words, share=share(told))
        yield from compose("（95%区间{low}至{high}）", low=_percent(low), high=_percent(high))


def _count(id: str, label: str, value: int) -> Fact:
    return Fact(id, label, value, Query("state database: documents drawn at random and labelled by readers"))


def _percent(bound: Fact) -> Figure:
    return Figure(f"{100 * float(bound.value or 0):.2f}%", bound)
