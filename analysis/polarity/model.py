"""The model: a file of quantised weights, and what it says of a batch of texts.

One hashed row of nine small integers for each n-gram; the nine columns are the heads. Reviews, posts and
topics (news titles with a sentence) are three registers with heads of their own; a gate says which register
a text resembles. What the heads say of a text and of its parts is weighed by the kind of its source.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.cue_kernel import PLAIN
from fengping.analysis.polarity.kernel import LISTS, SENSE_LIST, SENSES, Codes, CueTable, Offsets
from fengping.analysis.polarity.parts import NO_PARTS, SourceKind, take_apart
from fengping.analysis.polarity.phrase_kernel import Phrases, no_phrases, phrase_odds
from fengping.analysis.polarity.score_kernel import BITS, Weights, logits, telling
from fengping.analysis.polarity.verdicts import (
    CODES,
    HEADS,
    REGISTERS,
    Calibration,
    Floats,
    Verdicts,
    decide,
    gate,
    register_probabilities,
    resembled,
    review_probabilities,
    topics_odds,
    verdicts_of,
)
from fengping.analysis.polarity.weighing import WEIGHED, Weighing, features, no_weighing, readings, weigh
from fengping.analysis.text import written_alike
from fengping.errors import ConfigError
from fengping.models import Polarity

SHIPPED = Path(__file__).with_name("polarity.npz")
FORMAT = 6

SIEVE = 21
"""Log2 of the bits of a sieve; 2**21 bits are 256 KiB, of which two hundred thousand words fill a tenth."""
SECOND_READ = 0.5
"""A text's share of reviews from which it is read a second time, by its phrases."""
READERS = np.float32(0.85), np.float32(0.25)
"""Weights of the log odds of the first reader and of the phrases, found on sets of reviews that neither
had learned from (docs/measurements/judgement.md)."""

_SIGNS = np.array([1, 0, -1])
"""By the same numbers: which way a telling span must pull."""

Kinds = SourceKind | Sequence[SourceKind] | npt.NDArray[np.int64]


class Sample(NamedTuple):
    """Fairly drawn texts with readers' labels, judged by models that had not learned them."""

    kinds: npt.NDArray[np.int8]
    negative: npt.NDArray[np.float16]
    """Probabilities."""
    said: npt.NDArray[np.bool_]
    """True where its reader filed it as negative."""


def no_sample() -> Sample:
    return Sample(np.zeros(0, np.int8), np.zeros(0, np.float16), np.zeros(0, np.bool_))


class _Reading(NamedTuple):
    """Verdicts of some texts, and what they came from."""

    verdicts: Verdicts
    found: Floats
    """(n, FEATURES)"""
    kinds: npt.NDArray[np.int64]
    whole: Floats
    """(n, heads)"""
    codes: Codes
    offsets: Offsets


class Span(NamedTuple):
    """``text[start:end]``, the words themselves, and what they add to the log odds of negative."""

    start: int
    end: int
    feature: str
    weight: float


@dataclass(frozen=True, slots=True)
class PolarityModel:
    """A loaded model: immutable, shared freely between threads."""

    weights: Weights
    cues: CueTable
    calibration: Calibration
    about: dict[str, Any] = field(default_factory=dict)
    """Date and training sets, as the model card prints them."""
    version: str = "polarity"
    phrases: Phrases = field(default_factory=no_phrases)
    """The second reader of reviews."""
    weighing: Weighing = field(default_factory=no_weighing)
    """Weights of the parts of a text by the kind of its source; none until they are fitted."""
    sample: Sample = field(default_factory=no_sample)
    """Fairly drawn texts that the model was fitted without, for counts with an interval."""

    @classmethod
    def load(cls, path: Path | None = None) -> PolarityModel:
        """The model in *path*; the one that ships when none is given.

        Raises :class:`ConfigError` for a file that is missing or no such model.
        """
        path = path or SHIPPED
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"The polarity model {path} cannot be read: {error.strerror}.",
                remedy="Make one with fengping train, or empty analysis.polarity_model.",
            ) from None
        try:
            return _parse(content)
        except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"{path} is not a polarity model of this version of fengping ({error}).",
                remedy="Make one with fengping train.",
            ) from None

    def logits(self, texts: Sequence[str]) -> Floats:
        """(n, heads) by `HEADS`, before calibration."""
        return self._logits(*encode(texts))

    def _logits(self, codes: Codes, offsets: Offsets) -> Floats:
        found: Floats = logits(codes, offsets, self.weights, self.cues)
        if self.phrases.out.any():
            asked = gate(found)[:, 0] >= SECOND_READ
            odds = phrase_odds(codes, offsets, asked, self.cues, self.phrases)
            found[asked, 0] = READERS[0] * found[asked, 0] + READERS[1] * odds[asked]
        return found

    def predict(self, texts: Sequence[str], kinds: Kinds = SourceKind.UNKNOWN) -> Verdicts:
        """A verdict for each text, in order; an empty text is neutral and irrelevant.

        *kinds*: the kind of source of all texts, or of each.
        """
        return self._read(texts, kinds).verdicts

    def weigh_features(self, texts: Sequence[str], kinds: Kinds) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Inputs of the weighing: (n, FEATURES) for each text, and its kind, told or resembled."""
        read = self._read(texts, kinds)
        return read.found, read.kinds

    def _read(self, texts: Sequence[str], kinds: Kinds) -> _Reading:
        codes, offsets = encode(texts)
        whole = self._logits(codes, offsets)
        told = np.broadcast_to(np.asarray(kinds, np.int64), len(texts))
        resolved = np.where(told == SourceKind.UNKNOWN, resembled(whole, texts), told)
        parts = [
            take_apart(text, SourceKind(kind)) if kind in WEIGHED else NO_PARTS
            for text, kind in zip(texts, resolved.tolist(), strict=True)
        ]
        more, places = readings(texts, parts)
        z = np.concatenate([whole, self.logits(more[len(texts) :])])
        found = features(z, places, texts, parts)
        reviews = np.where(told == SourceKind.UNKNOWN, gate(whole)[:, 0], resolved == SourceKind.REVIEW)
        verdicts = self._verdicts(whole, found, resolved, np.asarray(reviews, np.float32))
        return _Reading(verdicts, found, resolved, whole, codes, offsets)

    def _verdicts(
        self, whole: Floats, found: Floats, kinds: npt.NDArray[np.int64], reviews: Floats
    ) -> Verdicts:
        """The weighing's word on its kinds, the heads' on posts and on the share *reviews*."""
        if not self.weighing.weights.any():
            return decide(whole, self.calibration)
        shares = np.zeros((len(whole), len(WEIGHED)), np.float32)
        for column, kind in enumerate(WEIGHED):
            shares[kinds == kind, column] = 1 - reviews[kinds == kind]
        three, two, leaning = weigh(self.weighing, found, shares)
        own = np.where(kinds == SourceKind.POST, 1 - reviews, 0)
        three += reviews[:, None] * review_probabilities(whole, self.calibration)
        three += own[:, None] * register_probabilities(whole, REGISTERS.index("post"))
        two += (reviews + own)[:, None] * topics_odds(whole, self.calibration)
        return verdicts_of(three, two, leaning)

    def explain(self, text: str, most: int = 3) -> list[Span]:
        """The spans of *text* that speak loudest for its polarity, loudest first.

        ``(start, end, text[start:end], weight)``: the weight is what the span adds to the log odds of
        negative against positive, so it is below 0 in a positive text. Empty for a neutral text.
        """
        return self.explain_all([text], most)[0]

    def explain_all(self, texts: Sequence[str], most: int = 3) -> list[list[Span]]:
        """Explain each text like :meth:`explain`, in a fraction of the time."""
        return self.predict_telling(texts, CODES, most)[1]

    def predict_telling(
        self,
        texts: Sequence[str],
        explained: Collection[Polarity],
        most: int = 3,
        kinds: Kinds = SourceKind.UNKNOWN,
    ) -> tuple[Verdicts, list[list[Span]]]:
        """A verdict for each text, and what speaks for it where it is one of *explained*."""
        read = self._read(texts, kinds)
        verdicts = read.verdicts
        asked = np.array([code in explained for code in CODES])
        signs = np.where(asked, _SIGNS, 0)[verdicts.polarity]
        places, sums = telling(read.codes, read.offsets, self.weights, gate(read.whole), signs, most)
        rows = zip(texts, places.tolist(), (signs[:, None] * sums).tolist(), strict=True)
        return verdicts, [
            [
                Span(start, end, text[start:end], weight)
                for (start, end), weight in zip(spans, weights, strict=True)
                if start >= 0
            ]
            for text, spans, weights in rows
        ]


def encode(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """The code points of all texts in a row, and the n + 1 places where each begins and ends."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    joined = "".join(map(written_alike, texts)).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(joined, np.uint32), offsets


def dump(model: PolarityModel) -> bytes:
    """The file of a model; the same model gives the same bytes."""
    about = {"format": FORMAT, "about": model.about, "calibration": _plain(model.calibration)}
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        rows=model.weights.rows,
        scales=model.weights.scales,
        plain=model.weights.plain,
        **_flat(model.cues),
        **{f"phrase_{name}": values.astype(np.float16) for name, values in model.phrases._asdict().items()},
        weighing=model.weighing.weights,
        leaning=model.weighing.leaning,
        **{f"sample_{name}": values for name, values in model.sample._asdict().items()},
        about=np.frombuffer(json.dumps(about, ensure_ascii=False, sort_keys=True).encode(), np.uint8),
    )
    return buffer.getvalue()


_KEY_BYTES = 5
"""Of a key in the file, as many as `kernel.KEPT` leaves."""
_KINDS = np.int32, np.int8, np.int8
"""Types of the values of the first three lists; rows of vectors stand in the order of the words."""


def _flat(cues: CueTable) -> dict[str, Any]:
    """The table without what is zero anyway: which slots are filled, and what stands in them."""
    filled = cues.keys != 0
    arrays = {
        "word_slots": np.packbits(filled),
        "word_keys": cues.keys[filled].astype("<u8").view(np.uint8).reshape(-1, 8)[:, :_KEY_BYTES],
        "word_lists": cues.lists[filled],
    }
    for column, kind in enumerate(_KINDS):
        arrays[f"word_values_{column}"] = cues.values[_known(cues.lists, column), column].astype(kind)
    order = cues.values[_known(cues.lists, SENSE_LIST), SENSE_LIST]
    return arrays | {"sense_vectors": cues.vectors[order], "sense_weights": cues.weights[order]}


def _unflat(file: Any) -> CueTable:
    """The table again, from what :func:`_flat` left of it."""
    filled = np.unpackbits(file["word_slots"]).astype(np.bool_)
    octets = np.zeros((int(filled.sum()), 8), np.uint8)
    octets[:, :_KEY_BYTES] = file["word_keys"]
    keys, lists = np.zeros(len(filled), np.uint64), np.zeros(len(filled), np.uint8)
    keys[filled], lists[filled] = octets.view("<u8")[:, 0], file["word_lists"]
    vectors = np.ascontiguousarray(file["sense_vectors"], np.int8)
    values = np.zeros((len(filled), LISTS), np.int32)
    for column in range(len(_KINDS)):
        values[_known(lists, column), column] = file[f"word_values_{column}"]
    values[_known(lists, SENSE_LIST), SENSE_LIST] = np.arange(len(vectors))
    return CueTable(keys, lists, values, sieve_of(keys), vectors, file["sense_weights"].astype(np.float32))


def sieve_of(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The bits that the words of *keys* set."""
    bits = np.zeros(1 << SIEVE, np.bool_)
    bits[keys[keys != 0] & np.uint64(len(bits) - 1)] = True
    return np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64)


def _known(lists: Any, column: int) -> Any:
    """Mask the slots that hold a word of a list."""
    return (lists >> column & 1).astype(np.bool_)


def _plain(calibration: Calibration) -> dict[str, Any]:
    return {name: getattr(calibration, name) for name in Calibration.__slots__}


def _parse(content: bytes) -> PolarityModel:
    with np.load(BytesIO(content), allow_pickle=False) as file:
        about = json.loads(file["about"].tobytes())
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}")
        weights = Weights(
            np.ascontiguousarray(file["rows"], np.int8),
            np.ascontiguousarray(file["scales"], np.float32),
            np.ascontiguousarray(file["plain"], np.float32),
        )
        cues = _unflat(file)
        phrases = Phrases(*(file[f"phrase_{name}"].astype(np.float32) for name in Phrases._fields))
        weighing = Weighing(file["weighing"].astype(np.float32), file["leaning"].astype(np.float32))
        sample = Sample(*(file[f"sample_{name}"] for name in Sample._fields))
    if weights.rows.shape != (1 << BITS, len(HEADS)) or weights.plain.shape != (PLAIN, len(HEADS)):
        raise ValueError("weights of another shape")
    if cues.vectors.shape != (len(cues.weights), SENSES):
        raise ValueError("vectors of another shape")
    if any(a.shape != b.shape for a, b in zip(phrases, no_phrases(), strict=True)):
        raise ValueError("phrases of another shape")
    if any(a.shape != b.shape for a, b in zip(weighing, no_weighing(), strict=True)):
        raise ValueError("a weighing of another shape")
    known = about["calibration"]
    calibration = Calibration(tuple(known["relevant"]), tuple(known["consumer"]), known["lukewarm"])
    version = f"polarity-{hashlib.sha256(content).hexdigest()[:8]}"
    return PolarityModel(weights, cues, calibration, about["about"], version, phrases, weighing, sample)
