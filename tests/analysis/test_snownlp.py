"""The fast SnowNLP beside the package itself: equal to the last bit, for whatever text."""

from __future__ import annotations

import contextlib
import marshal
import os
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making import LONG

from devtools.bench import Options
from devtools.bench import sentiment as bench
from fengping.analysis.snownlp.model import SnowModel
from fengping.errors import ConfigError

PROSE = [
    "昨晚在直播间买的面霜，打开一股怪味，客服一直推脱不给退货！！",
    "主播讲解得很仔细，价格比专柜便宜不少，物流也快，下次还来。",
    "说好的全网最低价，結果第二天隔壁店更便宜，這不是騙人嗎？",
    "客服小姐姐人超好👍👍 收到就給換了 thank you～",
    "买了3件，￥199.00/件，到货只有２件；申请仅退款，平台说“已超时”……",
    "市监局通报：该公司虚假宣传，罚款50万元。",
    "龘龖靐齉爩麤 㐀㐁 𠮷𠮷 〇〇",
    "哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
]
# What decides: words of the model, characters it never saw, every kind of white space, broken surrogates.
ODD = (
    "的了不好差假货骗很买退主播，。！？ \t\n\x0b\x0c\x1c\x85\xa0\u1680\u2003\u2028\u3000\u200b\ufeff\x00"
    "Aa1１Ａ龥龦㐀麤爩👍\ud83d\udc4d𠮷"
)


@pytest.fixture(scope="module")
def model() -> SnowModel:
    return SnowModel.load()


def original(text: str) -> float:
    """The score of the package itself, whose import takes seconds in each process that collects tests."""
    from snownlp import SnowNLP

    return float(SnowNLP(text).sentiments)


def assert_equal(model: SnowModel, texts: list[str]) -> None:
    expected = [original(text) for text in texts]
    assert model.scores(texts).tolist() == expected


def test_prose(model: SnowModel) -> None:
    assert_equal(model, PROSE)


@settings(max_examples=150 if LONG else 25, deadline=None)
@given(st.lists(st.text(st.sampled_from(ODD) | st.sampled_from("".join(PROSE)), min_size=1), min_size=1))
def test_odd_texts(texts: list[str]) -> None:
    assert_equal(SnowModel.load(), texts)


@settings(max_examples=100 if LONG else 25, deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40))
def test_any_chinese_characters(text: str) -> None:
    assert_equal(SnowModel.load(), [text])


@settings(max_examples=100 if LONG else 25, deadline=None)
@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_any_code_points(text: str) -> None:
    assert_equal(SnowModel.load(), [text])


def test_white_space_parts_words_as_str_split_does(model: SnowModel) -> None:
    spaces = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    near = [chr(ord(space) + 1) for space in spaces]
    assert_equal(model, [f"story，{between}story，" for between in [*spaces, *near]])


def test_the_blocks_of_chinese_end_where_snownlp_ends_them(model: SnowModel) -> None:
    assert_equal(model, [f"不好{edge}不好" for edge in "\u4dff\u4e00\u9fa5\u9fa6"])


def test_very_long_texts(model: SnowModel) -> None:
    long = "".join(PROSE) * 40
    assert model.scores([long, "x" * 1_000_000]).tolist()[0] == original(long)


def test_scores_do_not_depend_on_the_batch(model: SnowModel) -> None:
    texts = PROSE * 5 + ["长" * 700_000, ""] + PROSE + ["长" * 2_000_000] + PROSE
    assert model.scores(texts).tolist() == [model.scores([text]).item() for text in texts]


def test_nothing_to_read_scores_as_white_space(model: SnowModel) -> None:
    blank = original(" ")
    assert model.scores(["", " ", "\n\u3000", "的"]).tolist() == [blank] * 4
    assert model.scores([]).tolist() == []


def test_extremes_reach_zero_and_one_as_snownlp_does(model: SnowModel) -> None:
    texts = [word * 400 for word in ("差。", "好。", "垃圾，", "喜欢！")]
    assert_equal(model, texts)
    assert {0.0, 1.0} <= set(model.scores(texts).tolist())


SEGMENTED = """\
主/b 播/e 讲/b 得/e 好/s
质/b 量/e 差/s 不/b 好/e 用/s
面/b 霜/e 好/s 、/s 快/s
"""


@dataclass(frozen=True)
class Retrained:
    """A sentiment and a segmentation model that the package trained and saved itself."""

    folder: Path
    segmenter: object
    classifier: object

    def load(self, cache: Path | None = None) -> SnowModel:
        with mock.patch.dict(os.environ, XDG_CACHE_HOME=str(cache or self.folder / "cache")):
            # One named as the package's load() takes it, one as the file is called.
            return SnowModel.load(self.folder / "sentiment.marshal", self.folder / "seg.marshal.3")

    def package(self) -> contextlib.ExitStack:
        """A context in which the package itself uses these models."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch("snownlp.seg.segger", self.segmenter))
            stack.enter_context(mock.patch("snownlp.sentiment.classifier", self.classifier))
            return stack.pop_all()


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> Retrained:
    folder = tmp_path_factory.mktemp("snownlp")
    (folder / "seg.txt").write_text(SEGMENTED, encoding="utf-8")
    (folder / "neg.txt").write_text("质量差\n不好用差\n", encoding="utf-8")
    (folder / "pos.txt").write_text("主播讲得好\n面霜好快\n", encoding="utf-8")
    from snownlp import seg, sentiment

    with mock.patch.object(seg, "segger"), mock.patch.object(sentiment, "classifier"):
        seg.train(str(folder / "seg.txt"))
        seg.save(str(folder / "seg.marshal"))
        sentiment.train(str(folder / "neg.txt"), str(folder / "pos.txt"))
        sentiment.save(str(folder / "sentiment.marshal"), iszip=False)
        return Retrained(folder, seg.segger, sentiment.classifier)


@settings(max_examples=80 if LONG else 25, deadline=None)
@given(st.lists(st.text("主播讲得好质量差不用面霜、快龘 ", min_size=1), min_size=1))
def test_a_retrained_model(retrained: Retrained, texts: list[str]) -> None:
    with retrained.package():
        assert_equal(retrained.load(), texts)


def test_versions_tell_models_apart(retrained: Retrained, model: SnowModel) -> None:
    half = SnowModel.load(retrained.folder / "sentiment.marshal")
    assert len({half.version, retrained.load().version, model.version}) == 3
    assert model.version == SnowModel.load().version


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x1f\x8b\x08\x00broken", marshal.dumps([1]), marshal.dumps({"d": {"pos": {}}})],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.marshal.3"
    path.write_bytes(content)
    for arguments in ((path, None), (None, path)):
        with pytest.raises(ConfigError, match=r"mine\.marshal.* is not a SnowNLP .*model"):
            SnowModel.load(*arguments)


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent does not exist"):
        SnowModel.load(tmp_path / "absent")


def test_tables_are_kept_and_a_torn_file_is_made_anew(tmp_path: Path, retrained: Retrained) -> None:
    expected = retrained.load(tmp_path).scores(PROSE).tolist()
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*.npy")}
    assert kept
    for number, (path, content) in enumerate(kept.items()):
        path.unlink() if number % 2 else path.write_bytes(b"" if number % 4 else content[: len(content) // 2])
    assert retrained.load(tmp_path).scores(PROSE).tolist() == expected
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.npy")} == kept


@pytest.mark.long
def test_no_place_to_keep_tables(tmp_path: Path, retrained: Retrained) -> None:
    file = tmp_path / "file"
    file.touch()
    assert retrained.load(file).scores(PROSE).tolist() == retrained.load().scores(PROSE).tolist()


@pytest.mark.long
def test_the_bench_compares_on_texts_without_measuring_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "STARTS", 1)
    rows = bench.run(Options(size=15, store="", data=tmp_path))
    by_unit = {row.unit: row for row in rows}
    assert by_unit["%"].value == 100
    assert by_unit["%"].n == 15
    assert all(row.value > 0 for row in rows)
