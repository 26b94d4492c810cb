"""Counts of characters by script, and of Latin words: the compiled part of :mod:`.writing`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled

ZH, JA, KO, RU, AR, TH, WORDS = range(7)
"""Places of the counts; ``WORDS``: runs of two or more Latin letters."""


@compiled
def count_scripts(codes: npt.NDArray[np.uint32]) -> tuple[int, int, int, int, int, int, int]:
    """Characters of each script and Latin words among *codes*.

    Marks of kana (``・ー``) are not counted: faces drawn of characters consist of them.
    """
    zh, ja, ko, ru, ar, th, words, run = 0, 0, 0, 0, 0, 0, 0, 0
    for code in codes:
        latin = (
            0x41 <= code <= 0x5A or 0x61 <= code <= 0x7A or 0xC0 <= code <= 0x24F or 0x1E00 <= code <= 0x1EFF
        )
        if latin:
            run += 1
            words += run == 2
            continue
        run = 0
        if code < 0x400:
            continue
        zh += 0x3400 <= code <= 0x9FFF
        ja += 0x3041 <= code <= 0x3096 or 0x30A1 <= code <= 0x30FA
        ko += 0xAC00 <= code <= 0xD7AF or 0x1100 <= code <= 0x11FF
        ru += code <= 0x4FF
        ar += 0x600 <= code <= 0x6FF
        th += 0xE01 <= code <= 0xE5B
    return zh, ja, ko, ru, ar, th, words
