"""Cue words as a table of hashes: small, quick to search, and not to be read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.kernel import CUE, LISTS, LONGEST_CUE, CueTable, fold, hash_word
from fengping.analysis.polarity.model import sieve_of
from fengping.toml import read_toml

CUES = Path(__file__).with_name("cues.toml")

KINDS = (
    "hownet_pos", "hownet_neg", "dutir_pos", "dutir_neg", "penalty", "complaint", "harm", "good",
    "negator", "degree", "contrast", "promise", "idiom", "denial", "rule", "regulator", "play",
    "live", "sell", "livesell", "host", "agency", "platform", "response",
)  # fmt: skip
"""Kinds of cue words; the place of a name is its bit among their values, as `kernel` numbers them."""

SENTIMENT = KINDS[:4]


class Senses(NamedTuple):
    """Words by the company they keep."""

    places: dict[int, int]
    """``{hash: row}``"""
    vectors: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float32]


def read_list(cues: CueTable, column: int) -> dict[int, int]:
    """``{hash: value}`` of one of the lists in *cues*."""
    known = (cues.lists >> column & 1).astype(np.bool_)
    return dict(zip(cues.keys[known].tolist(), cues.values[known, column].tolist(), strict=True))


def of_kinds(cues: CueTable, kinds: Iterable[str]) -> dict[int, int]:
    """``{hash: mask}`` of the words of *kinds*, other kinds cleared."""
    wanted = sum(1 << KINDS.index(kind) for kind in kinds)
    return {key: mask & wanted for key, mask in read_list(cues, CUE).items() if mask & wanted}


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
) -> CueTable:
    """*words*: ``{hash: mask}``; *tones*, *valences*: ``{hash: sixteenths}``. The same words give the same
    bytes."""
    given = words, tones, valences, senses.places
    keys = slots_of({key for known in given for key in known})
    lists, values = np.zeros(len(keys), np.uint8), np.zeros((len(keys), LISTS), np.int32)
    slots = {key: slot for slot, key in enumerate(keys.tolist()) if key}
    for column, known in enumerate(given):
        places = [slots[key] for key in known]
        lists[places] |= 1 << column
        values[places, column] = list(known.values())
    return CueTable(keys, lists, values, sieve_of(keys), senses.vectors, senses.weights)


def slots_of(hashes: Iterable[int]) -> npt.NDArray[np.uint64]:
    """*hashes* by slot, at most half full, so that a search ends soon."""
    ordered = sorted(hashes)
    last = (1 << max(4, (2 * len(ordered) - 1).bit_length())) - 1
    keys = np.zeros(last + 1, np.uint64)
    for key in ordered:
        slot = key & last
        while keys[slot]:
            slot = (slot + 1) & last
        keys[slot] = key
    return keys
