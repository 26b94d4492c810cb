"""Sentences of the program in Chinese: its English ones found in a catalogue, whatever stands in them.

Troubles, ends of jobs and replies are kept in the home as the terminal prints them. A page or notice
finds the sentence by its unchanging parts and says it in Chinese. Where a part or the whole has none (a
library's exception, a server's words), a Chinese word for its kind comes first, and the original beside it.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from markupsafe import Markup

from fengping.clock import local
from fengping.errors import (
    ConfigError,
    Damaged,
    Failed,
    FengpingError,
    ForeignHome,
    HomeBusy,
    NotInstalled,
    SchemaTooNew,
    StoreDown,
    StoreError,
    UsageError,
)
from fengping.visible import visible

KINDS: tuple[tuple[type[FengpingError], str], ...] = (
    (UsageError, "填的内容不能用"),
    (ConfigError, "配置文件有误"),
    (NotInstalled, "缺少要用的程序"),
    (HomeBusy, "别的进程正占着"),
    (ForeignHome, "属于另一个数据目录"),
    (SchemaTooNew, "由更新的版本写成"),
    (StoreDown, "信息库没有应答"),
    (StoreError, "信息库拒绝了"),
    (Damaged, "文件损坏"),
    (Failed, "没有做成"),
    (FengpingError, "出了错"),
)
"""Words for the kinds of errors, the narrower before the wider."""
CAUSES = (
    (r"(?i)connection\W?(?:was )?refused|refused by other side|\[Errno 111\]", "连接被拒绝"),
    (r"Cannot connect|Connect call failed", "对方没有应答"),
    (r"timed? ?-?out|TimeoutError", "超时"),
    (r"certificate|\bTLS\b|\bSSL", "证书或加密有问题"),
    (r"resolve|getaddrinfo|[Nn]ame or service|No such host|\bDNS\b", "域名解析不到"),
    (r"reset by peer|[Bb]roken pipe|[Dd]isconnected|closed by|ConnectionLost", "连接中断"),
    (r"[Uu]nreachable|No route", "网络不通"),
    (r"No space left", "磁盘满了"),
    (r"Read-only file system", "磁盘只读"),
    (r"Permission denied|PermissionError", "没有权限"),
    (r"No such file|FileNotFoundError", "没有这个文件"),
    (r"keywords? not in content|Key Words Not Found", "消息里没有机器人要的关键词"),
    (r"sign not match|sign match fail", "加签不对"),
    (r"token is not exist|incoming webhook access token invalid|invalid webhook url", "没有这个机器人"),
    (r"[Uu]ser unknown|[Mm]ailbox (?:unavailable|not found)|No such user", "没有这个收件人"),
    (r"[Aa]uthentication|\bauth\b|Login fail", "登录名或密码不对"),
    (r"out of memory|MemoryError|Cannot allocate", "内存不够"),
    (r'"(?:err)?code": ?-?[1-9]|"StatusCode": ?-?[1-9]|refused', "对方拒绝了"),
)
"""Words for what systems, libraries and services say of a failure, by what stands in it."""
_FOREIGN = re.compile(r"(?:\b[A-Za-z][A-Za-z'’]+[,;:]? ){2}[A-Za-z]|\b\w*(?:Error|Exception)\b")
"""Prose of another language, or the name of an exception; names, numbers and addresses are neither."""
_HOLE = re.compile(r"\{(?:#|key|values)?\}")
_ANY, _NUMBER = r"(.+?)", r"([\d.,]+)"
_HEAD = re.compile("(?:风评 )?(?:已恢复：)?")
"""Begins the subject of a notice."""
_PART = re.compile(r"\{(\d?)\}")
_QUOTED = re.compile(r"'(.*)'|\"(.*)\"", re.DOTALL)
_CHOICE = re.compile(r"'[^']*'(?:, '[^']*')* (?:or|and) '[^']*'")
"""A list of pydantic: one of these."""
_WORDS = {"{key}": "keys", "{values}": "values"}
"""Parts that are keys or values of the code, each with the table of words for them."""
_COMMAND = re.compile(r"See: fengping hosts list")
"""Needs no terminal: a page has them all."""
_BREAK = re.compile(r"(?<=[.?!;]) ")
_AGAIN = re.compile(r"[.?!] [A-Z]")
"""Within a part: another sentence begins, so that it is no part of this one."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_ENDS = ("。", "？", "！")
_DEEPEST = 6
_SURE, _BEGUN = 10, 5


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for a page."""

    text: str
    whole: bool
    """True where nothing of the original is left to be read."""


@dataclass(frozen=True, slots=True)
class _Entry:
    pieces: tuple[str, ...]
    pattern: re.Pattern[str]
    chinese: str
    holes: tuple[str, ...]
    english: str

    @property
    def weight(self) -> int:
        return sum(map(len, self.pieces)) + sum(hole in _WORDS for hole in self.holes)

    @property
    def of_form(self) -> bool:
        """True if it is about a form, so that words may stand for the keys that a file is written with."""
        return self.holes[0] == "{key}" == self.english[:5] or "{values}" in self.holes

    @property
    def sure(self) -> bool:
        """True if so many words are its own that a part without a translation casts no doubt on it."""
        return self.weight >= _SURE or len(self.pattern.pattern.partition("(")[0]) >= _BEGUN


@functools.cache
def _file() -> dict[str, Any]:
    file = Path(__file__).parent / "chinese.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@functools.cache
def catalogue() -> dict[str, str]:
    """The Chinese sentences by the English ones, parts that change as ``{}``, numbers as ``{#}``."""
    return {english: said for english, said in _file().items() if isinstance(said, str)}


def words(table: str) -> dict[str, str]:
    """Chinese words for ``keys`` of forms and questions, or for ``values`` that these offer."""
    found: dict[str, str] = _file()[table]
    return found


def _hole(hole: str) -> str:
    """The pattern of a part that changes. What is no known key or value fits no hole of these."""
    if hole not in _WORDS:
        return _NUMBER if hole == "{#}" else _ANY
    known = "|".join(map(re.escape, sorted(words(_WORDS[hole]), key=len, reverse=True)))
    one = rf"'?(?:{known})'?"
    return rf"({one}(?:(?:, | or | and ){one})*)" if hole == "{values}" else rf"({one}(?:\.[\w.-]+)?)"


@functools.cache
def _entries() -> tuple[dict[str, str], list[_Entry]]:
    """Sentences that never change, and the others: those with more of their own words first."""
    plain, made = {}, []
    for english, chinese in catalogue().items():
        pieces = _HOLE.split(english.removesuffix("."))
        if len(pieces) == 1:
            plain[pieces[0].strip()] = chinese
        else:
            holes = _HOLE.findall(english)
            literal = map(re.escape, pieces)
            pairs = zip_longest(literal, map(_hole, holes), fillvalue="")
            pattern = re.compile("".join(part for pair in pairs for part in pair), re.DOTALL)
            made.append(_Entry(tuple(filter(None, pieces)), pattern, chinese, tuple(holes), english))
    return plain, sorted(made, key=lambda one: -one.weight)


@functools.lru_cache(maxsize=2048)
def chinese(text: str, depth: int = 0) -> Said | None:
    """*text* in Chinese; ``None`` where the catalogue has no sentence like it."""
    bare = text.strip().removesuffix(".")
    found = _one(bare, depth)
    if found is None or not found.whole:
        found = _joined(text.strip(), depth) or found
    if found is None or not text.rstrip().endswith("."):
        return found and Said(found.text.removesuffix("。"), found.whole)
    return Said(found.text if found.text.endswith(_ENDS) else f"{found.text}。", found.whole)


def _one(text: str, depth: int) -> Said | None:
    """One sentence, without its full stop: of those that fit, one that leaves no part untranslated."""
    plain, entries = _entries()
    if text in plain:
        return Said(plain[text], True)
    best = None
    for one in entries if depth < _DEEPEST else ():
        if depth and one.of_form:
            continue
        if all(piece in text for piece in one.pieces) and (found := one.pattern.fullmatch(text)):
            parts = [
                _worded(part, words(_WORDS[hole])) if hole in _WORDS else _part(part, depth)
                for hole, part in zip(one.holes, found.groups(), strict=True)
            ]
            said = Said(_filled(one.chinese, parts), all(part.whole for part in parts))
            if said.whole:
                return said
            if best is None and one.sure:
                best = said
    return best


def _filled(text: str, parts: list[Said]) -> str:
    order = iter(range(len(parts)))
    said = _PART.sub(lambda mark: parts[int(mark[1]) - 1 if mark[1] else next(order)].text, text)
    return said.replace(" “", "“").replace("” ", "”")


def _worded(text: str, known: Mapping[str, str]) -> Said:
    """A key or values by the words of the forms."""
    parts = [part.strip("'") for part in re.split(r", | or | and ", text)]
    return Said("、".join(known.get(part) or known[part.partition(".")[0]] for part in parts), True)


def _part(text: str, depth: int) -> Said:
    """A part that changes: a sentence of its own, a cause, or a name that stays as it is."""
    if found := chinese(text, depth + 1):
        return Said(found.text.rstrip("。"), found.whole)
    if _CHOICE.fullmatch(text):
        return Said("、".join(f"“{one}”" for one in re.findall(r"'([^']*)'", text)), True)
    if quoted := _QUOTED.fullmatch(text):
        return Said(f"“{quoted[1] or quoted[2] or ''}”", True)
    if _TIME.fullmatch(text):
        return Said(f"{local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}", True)
    if _AGAIN.search(text):
        return Said(cause(text) or "原因见原文", False)
    for mark, between in (("; ", "；"), (", ", "、")):
        if mark in text:
            ones = text.split(mark)
            parts = [_part(one, depth + 1) if depth < _DEEPEST else Said(one, True) for one in ones]
            if all(part.whole for part in parts):
                return Said(between.join(part.text for part in parts), True)
    if not _FOREIGN.search(text):
        return Said(text, True)
    if text.isidentifier() and (why := cause(text)):
        return Said(why, True)
    return Said(cause(text) or "原因见原文", False)


def _joined(text: str, depth: int) -> Said | None:
    """Several sentences in one text, each known."""
    for gap in _BREAK.finditer(text):
        head, tail = text[: gap.start()], text[gap.end() :]
        if (first := chinese(head, depth + 1)) and (rest := chinese(tail, depth + 1)):
            return Said(first.text + rest.text, first.whole and rest.whole)
    return None


def cause(text: str) -> str:
    """The Chinese word for what a system or library says of a failure; empty for an unknown one."""
    return next((word for pattern, word in CAUSES if re.search(pattern, text)), "")


def told(value: object, label: str = "", *, lang: str) -> Markup:
    """*value* (an error or a sentence) on a page; *label* names its kind where there are no words for it."""
    if lang == "en" or not str(value):
        return Markup("{}").format(visible(_COMMAND.sub("See the page of hosts", str(value))))
    text, whole = _told(value, label)
    if whole:
        return Markup("{}").format(visible(text))
    return Markup(
        '{} <details class="orig"><summary>原文</summary><span lang="en">{}</span></details>'
    ).format(visible(text), visible(str(value)))


def put(text: str, *, lang: str) -> str:
    """*text* in the page's language where it is known, else as somebody wrote it: a note, a doubt."""
    said = chinese(text) if lang != "en" else None
    return said.text if said and said.whole else text


def subject(text: str, *, lang: str) -> str:
    """The subject of a message in the page's language; notices of earlier versions were kept in English."""
    head = _HEAD.match(text)
    assert head
    return head[0] + put(text[head.end() :], lang=lang)


def plain(value: object, label: str = "", *, lang: str) -> str:
    """The same as text, for places that hold no markup; what has no words stays as it was."""
    text, whole = _told(value, label) if lang != "en" else ("", True)
    return (text if whole else f"{text}（{value}）") if text else str(value)


def _told(value: object, label: str) -> tuple[str, bool]:
    label = label or next((word for kind, word in KINDS if isinstance(value, kind)), "出了错")
    found = list(_found(value, label))
    return "".join(one.text for one in found), all(one.whole for one in found)


def _found(value: object, label: str) -> Iterator[Said]:
    texts = [value.message, value.remedy] if isinstance(value, FengpingError) else [str(value)]
    for text in filter(None, texts):
        if said := chinese(text):
            yield said
        elif not _FOREIGN.search(text):
            yield Said(text, True)
        elif text is texts[0]:
            why = cause(text)
            yield Said(f"{label}：{why}" if why else label, False)
        else:
            yield Said("", False)
