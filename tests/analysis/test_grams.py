"""Runs of characters and their weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis.complaints import Grams, codes_of, grams_of
from fengping.analysis.text import Span

TEXTS = st.text(alphabet="假货退款的ab😀", max_size=40)


def table(says: dict[str, tuple[float, float]]) -> Grams:
    """Weights of whole words alone."""
    keys, rows = [], []
    for word, weights in says.items():
        shorter = {
            key for at in range(len(word)) for key in grams_of(codes_of(word[:at] + "\0" + word[at + 1 :]))
        }
        [key] = set(grams_of(codes_of(word))) - shorter
        keys.append(key)
        rows.append(weights)
    return Grams.rounded(np.array(keys, np.uint64), np.array(rows, np.float32))


def test_runs_add_up_and_each_counts_once() -> None:
    grams = table({"假货": (1.0, -0.5), "退": (0.5, 0.5)})
    assert np.allclose(grams.sum(codes_of("假货")), (1.0, -0.5), atol=0.01)
    assert np.allclose(grams.sum(codes_of("退假货，退假货")), (1.5, 0.0), atol=0.01)
    assert not grams.sum(codes_of("真的")).any()
    assert not Grams.none(2).sum(codes_of("假货")).any()


def test_no_run_goes_into_or_across_a_silent_span() -> None:
    grams = table({"假货": (1.0, 0.0)})
    assert grams.sum(codes_of("卖假货", [Span(0, 1)])).any()
    assert not grams.sum(codes_of("卖假货", [Span(1, 2)])).any()


def test_the_span_that_says_most_is_shown() -> None:
    grams = table({"假货": (1.0, 0.0), "退": (0.5, 0.5)})
    assert grams.telling(codes_of("卖的是假货"), 0) == Span(3, 5)
    assert grams.telling(codes_of("卖的是好的"), 0) is None


def test_the_file_holds_what_was_saved(tmp_path: Path) -> None:
    grams = table({"假货": (1.0, -0.5), "退": (0.5, 0.5)})
    grams.save(tmp_path / "grams.npz")
    again = Grams.load(tmp_path / "grams.npz")
    assert np.array_equal(again.keys, grams.keys)
    assert np.array_equal(again.sum(codes_of("退假货")), grams.sum(codes_of("退假货")))


@given(TEXTS)
def test_runs_are_those_of_one_to_four_characters(text: str) -> None:
    runs = {text[at : at + length] for at in range(len(text)) for length in range(1, 5)}
    assert len(grams_of(codes_of(text))) == len({run for run in runs if run})


@given(TEXTS)
def test_a_telling_span_lies_in_the_text(text: str) -> None:
    span = table({"假货": (1.0, 0.0), "退": (0.5, 0.5)}).telling(codes_of(text), 0)
    assert (span is not None) == ("假货" in text or ("退" in text and len(text) > 1))
    assert span is None or 0 <= span.start < span.end <= len(text)
