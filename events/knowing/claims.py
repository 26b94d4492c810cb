"""Numbers a text claims, as it quotes them, and those that follow from them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

_UNIT = "台件单条人份名次位元块斤克个双瓶箱"
_AMOUNT = re.compile(
    rf"(?<![\d.%])(\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)\s*(万|亿)?\s*(?:多|余)?\s*([{_UNIT}])"
)
_PERCENT = re.compile(r"(\d+(?:\.(\d+))?)\s*[%％]")
_PLACES = 6
"""Places of a percentage that a text gives, at most, for it to be worked out again."""
_BOUND = re.compile(
    r"(\d+(?:\.\d+)?)\s*(万|亿)?[^\d。；]{0,24}(?:不到|不足)\s*(\d+(?:\.\d+)?)\s*(万|亿)?(?![^\S\n]*[%％\d.]|\s*[万亿])"
)
_TELLING = re.compile(rf"\d[\d,.]*\s*(?:万|亿)?\s*(?:多|余)?\s*(?:[{_UNIT}%％倍]|公里|小时|毫克|毫升)")
_WRITTEN = re.compile(
    rf"[\d一二两三四五六七八九十百千几数上近][十百千万亿]+(?:多|余|几)?(?:[{_UNIT}]|公里|小时|毫克|毫升)"
    r"|\d(?:多|余|几)?[千万亿]"
)
"""An amount in Chinese numerals (两千块, 上万元, 数百件), or with a scale alone (40多万)."""
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;”」]*")
_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000}


@dataclass(frozen=True, slots=True)
class Computed:
    """A number that follows from two others of the same text."""

    part: str
    whole: str
    said: str
    """Words of the text itself: ``76.4%``, or the bound ``不到11万``."""
    value: str
    """``76.49%``; for a bound the most it can be."""
    bound: bool = False

    @property
    def note(self) -> str:
        """One sentence that says what follows from what; empty where the text says the same."""
        if self.bound:
            return f"按文中{self.whole}与“不到{self.part}”计算，不足{self.value}"
        if self.said == self.value:
            return ""
        return f"原文称{self.said}，按文中{self.part}与{self.whole}计算为{self.value}"


def quoted(text: str) -> tuple[str, ...]:
    """Amounts and shares of *text* as it writes them, in order, none twice."""
    return tuple(dict.fromkeys(" ".join(found.split()) for found in _TELLING.findall(text)))


def sentences(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Sentences with their closing marks, each on one line, and their spans."""
    found = ((" ".join(one[0].split()), one.span()) for one in _SENTENCE.finditer(text))
    return [(line, span) for line, span in found if line]


def tells_amount(text: str) -> bool:
    """True if *text* gives an amount or a share, in digits or in Chinese numerals."""
    return bool(_TELLING.search(text) or _WRITTEN.search(text))


def computed(text: str) -> tuple[Computed, ...]:
    """Ratios that follow from the figures of *text* itself; quoted ones stay as quoted.

    A percentage is matched to two amounts of one unit whose ratio, cut or rounded, gives it
    (“1323台…1012台…76.4%” → 76.49%); a bound to the amount before it (“311万…不到11万” → 不足3.6%).
    """
    return tuple(dict.fromkeys((*_shares(text), *_bounds(text))))


def ratio_notes(text: str) -> tuple[str, ...]:
    """The sentences of :func:`computed` that say something new."""
    return tuple(dict.fromkeys(found.note for found in computed(text) if found.note))


def _shares(text: str) -> Iterator[Computed]:
    amounts = [
        (said + scale, Decimal(said.replace(",", "")) * _SCALE[scale], unit)
        for said, scale, unit in _AMOUNT.findall(text)
    ]
    for found in _PERCENT.finditer(text):
        said, places = Decimal(found[1]), len(found[2] or "")
        if places > _PLACES:
            continue  # no share that anybody worked out, and more than can be compared
        for part in amounts:
            for whole in amounts:
                if part[2] == whole[2] and 0 < part[1] < whole[1] and _gives(part[1], whole[1], said, places):
                    share = (part[1] * 100 / whole[1]).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
                    yield Computed(
                        f"{part[0]}{part[2]}", f"{whole[0]}{whole[2]}", f"{found[1]}%", f"{share}%"
                    )


def _bounds(text: str) -> Iterator[Computed]:
    for found in _BOUND.finditer(text):
        whole = Decimal(found[1]) * _SCALE[found[2] or ""]
        bound = Decimal(found[3]) * _SCALE[found[4] or ""]
        if 0 < bound < whole:
            share = (bound * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_CEILING)
            part_said = found[3] + (found[4] or "")
            yield Computed(
                part_said, found[1] + (found[2] or ""), f"不到{part_said}", f"{share}%", bound=True
            )


def _gives(part: Decimal, whole: Decimal, said: Decimal, places: int) -> bool:
    ratio = part * 100 / whole
    unit = Decimal(1).scaleb(-places)
    return said in (ratio.quantize(unit, rounding=ROUND_DOWN), ratio.quantize(unit, rounding=ROUND_HALF_UP))
