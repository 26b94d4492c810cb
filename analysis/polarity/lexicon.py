"""Cue words as a table of hashes: small, quick to search, and not to be read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.kernel import LONGEST_CUE, CueTable, Senses, fold, hash_word
from fengping.toml import read_toml

CUES = Path(__file__).with_name("cues.toml")

KINDS = (
    "hownet_pos", "hownet_neg", "dutir_pos", "dutir_neg", "penalty", "complaint", "harm", "good",
    "negator", "degree", "contrast", "promise", "idiom", "denial", "rule", "regulator", "play",
    "live", "sell", "livesell", "host", "agency", "platform", "response",
)  # fmt: skip
"""Kinds of cue words; the place of a name is its bit in `CueTable.masks`, as `kernel` numbers them."""

SENTIMENT = KINDS[:4]


def of_kinds(cues: CueTable, kinds: Iterable[str]) -> dict[int, int]:
    """``{hash: mask}`` of the words of *kinds*, other kinds cleared."""
    wanted = sum(1 << KINDS.index(kind) for kind in kinds)
    filled = zip(cues.keys.tolist(), cues.masks.tolist(), strict=True)
    return {key: mask & wanted for key, mask in filled if key and mask & wanted}


def word_hash(word: str) -> int:
    """The hash under which the compiled search meets *word*."""
    symbols = [fold(ord(character)) for character in word]
    return int(hash_word(np.array(symbols, np.uint32)))


def hashed(words: Mapping[str, Iterable[str]]) -> dict[int, int]:
    """``{hash: mask}`` of *words* by kind; a word of livestream selling is one of live and of sell too."""
    found: dict[int, int] = {}
    for kind, members in words.items():
        mask = 1 << KINDS.index(kind)
        if kind == "livesell":
            mask |= 1 << KINDS.index("live") | 1 << KINDS.index("sell")
        for word in members:
            if 0 < len(word) <= LONGEST_CUE:
                key = word_hash(word)
                found[key] = found.get(key, 0) | mask
    return found


def read_cues() -> dict[str, list[str]]:
    """The words of ``cues.toml`` by kind."""
    content: dict[str, Any] = read_toml(CUES)
    return {kind: content[kind] for kind in KINDS if kind in content}


def make_table(
    words: Mapping[int, int], tones: Mapping[int, int], valences: Mapping[int, int], senses: Senses
) -> CueTable:  # fmt: skip
    """*words*: ``{hash: mask}``; *tones*, *valences*: ``{hash: sixteenths}``. The same words give the same
    bytes."""
    keys, masks = hash_table(words)
    tone_keys, odds = hash_table(tones)
    valence_keys, steps = hash_table(valences)
    return CueTable(
        keys,
        masks.astype(np.int32),
        tone_keys,
        odds.astype(np.int8),
        valence_keys,
        steps.astype(np.int8),
        senses,
    )


def hash_table(words: Mapping[int, int]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Keys and values by slot, at most half full, so that a search ends soon."""
    size = 1 << max(4, (2 * len(words) - 1).bit_length())
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.int64)
    for key in sorted(words):
        slot = key & (size - 1)
        while keys[slot]:
            slot = (slot + 1) & (size - 1)
        keys[slot], values[slot] = key, words[key]
    return keys, values
