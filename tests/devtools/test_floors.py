"""No figure falls under its floor, on the measuring data that is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devtools import evaluation
from fengping.analysis.figures import Figure
from fengping.errors import Failed, UsageError

pytestmark = [pytest.mark.slow, pytest.mark.long]

DATA = Path(os.environ.get("FENGPING_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="the measuring data are not here (FENGPING_DATA names them)")
# That the fast SnowNLP scores as the package does stands in tests/analysis/test_judge.py.
@pytest.mark.parametrize("part", [part for part in evaluation.PARTS if part != "snownlp"])
def test_no_figure_is_under_its_floor(part: str) -> None:
    assert evaluation.fallen(evaluation.measure([part], DATA)[part]) == []


def test_a_fall_is_told_and_pinned_only_on_purpose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "FLOORS", tmp_path / "floors.toml")
    good = [Figure("a.precision", 0.9, 10, data="x"), Figure("a.error", 0.05, 10, at_most=True, data="x")]
    bad = [Figure("a.precision", 0.8, 10, data="x"), Figure("a.error", 0.06, 10, at_most=True, data="x")]
    evaluation.pin(good, lower=False)
    assert evaluation.fallen(good) == []
    assert [sentence.split()[0] for sentence in evaluation.fallen(bad)] == ["a.precision", "a.error"]
    assert evaluation.fallen([Figure("a.precision", 0.1, 10, data="other data")]) == []
    with pytest.raises(Failed, match="--lower"):
        evaluation.pin(bad, lower=False)
    evaluation.pin(bad, lower=True)
    assert evaluation.fallen(bad) == []


def test_what_cannot_be_measured_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'hosts'"):
        evaluation.measure(["hostz"], tmp_path)
    with pytest.raises(UsageError, match="does not exist"):
        evaluation.measure([], tmp_path / "none")
    with pytest.raises(UsageError, match=r"lack .*dev"):
        evaluation.measure(["sentiment"], tmp_path)
