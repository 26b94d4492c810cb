"""The names by which texts speak of the accused: hosts with all their names, others by their titles."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fengping.analysis import HostRegistry
from fengping.home import Home

_SUBJECT = re.compile(
    r"^[#【\s]*(?P<name>[^，。：:！？\s#【】“”\"、]{2,10}?)(?:等|方面?|公司|集团|客服|团队|工作室|官方|主播|直播间)?"
    r"(?:[就为因][^，。：:！？\s#【】]{2,14}|再次?|紧急|公开|疑似?|发布?)?"
    r"(?:回应|致歉|道歉|否认|承认|辟谣|声明|被罚|被处罚|被指|被曝|被点名|涉嫌|涉虚假|遭投诉|翻车)"
)
_NO_NAME = re.compile(
    "网友|官方|警方|女子|男子|男孩|女孩|老人|婆婆|弟弟|哥哥|父母|女儿|儿子|顾客|消费者|专家|律师|记者|央视|多家|多地|多方|部门|税务|市监"
    "|局$|法院|医院|学校|大学|中学|外交部|国防|日本|美国|印度|普京|总统|妻子|丈夫|父亲|母亲|奶奶|公职|银行$|警察|辅警|医生|老师|平台$|主播$|网红$|司机|店主|店家|主家|当事|家属|知情人|目击"
)


def aliases(registry: HostRegistry) -> dict[str, tuple[str, ...]]:
    """Every host → the names that are certainly theirs, with those of their agencies."""
    found = {}
    for host in registry.hosts:
        names = [host.name, *host.sure(), *(agency.name for agency in host.agencies)]
        found[host.name] = tuple(dict.fromkeys(name for name in names if len(name) > 1))
    return found


def known_names(home: Home) -> dict[str, tuple[str, ...]]:
    """:func:`aliases` of every host that a home knows; read again when a file of them changes."""
    files = (*home.registries, *home.config.analysis.hosts)
    return _read(tuple((file, file.stat().st_mtime_ns if file.exists() else 0) for file in files))


@functools.lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, tuple[str, ...]]:
    return aliases(HostRegistry.load(tuple(file for file, _ in files)))


def names_of(parties: Iterable[str], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All names of *parties*; a party that no list holds goes by its own."""
    return tuple(dict.fromkeys(name for party in parties for name in known.get(party, (party,))))


def subject_of(titles: Sequence[str]) -> str:
    """The accused of titles without a registered host: whom most begin with (``某某回应…``, ``某某被罚…``);
    empty where they do not agree.
    """
    counted: Counter[str] = Counter()
    for title in titles:
        found = _SUBJECT.match(title)
        if found and not _NO_NAME.search(found["name"]):
            counted[found["name"]] += 1
    for name, count in counted.most_common(3):
        if sum(name in title for title in titles) * 2 >= len(titles) or count * 2 >= len(titles):
            return name
    return ""
