"""Judging in worker processes: the same verdicts in the same order, and their troubles in a sentence."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from fengping.config import AnalysisConfig
from fengping.errors import ConfigError, Failed
from fengping.indexer.journal import Batch, Fault, Line
from fengping.indexer.pipeline import workers as pipeline_workers
from fengping.indexer.pipeline.workers import Analysers
from fengping.models import Judgement, Polarity, RawDocument, Role, document_id

NOW = datetime(2020, 11, 11, tzinfo=UTC)
TEXTS = (
    "这家店的杯子漏水，客服一直不回复，要求退款！",
    "很好看，推荐",
    "",
    "直播间里说好假一赔十。",
    "😀😀",
    "only latin words",
)


def batches(count: int = 9) -> list[Batch]:
    """Batches of different sizes, with a line in each that holds no document."""
    made = []
    for number in range(count):
        texts = [TEXTS[n % len(TEXTS)] + str(n) for n in range(number, 2 * number + 1)]
        documents = [RawDocument(document_id(text), "s", text, NOW, published_at=NOW) for text in texts]
        lines = [Line("00000001", n, document) for n, document in enumerate(documents)]
        made.append(Batch([*lines, Line("00000001", 99, None, Fault.TORN)], {}))
    return made


@pytest.mark.long
def test_worker_processes_say_what_one_process_says() -> None:
    with Analysers(AnalysisConfig(), (), 1) as alone, Analysers(AnalysisConfig(), (), 2) as workers:
        expected = list(alone.judge(batches()))
        assert list(workers.judge(batches())) == expected
    assert [len(verdicts) for _, verdicts in expected] == list(range(1, 10))


def test_what_a_worker_of_another_version_hands_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    judgement = Judgement(0.5, 0.25, Polarity.NEU, relevant=False, positive=0.25, roles={"甲": Role.ACCUSED})
    packed = pipeline_workers._pack([judgement, "噎"])
    assert pipeline_workers._unpack(packed) == [judgement, "噎"]
    monkeypatch.setattr(pipeline_workers, "PACKED_VERSION", pipeline_workers.PACKED_VERSION + 1)
    with pytest.raises(Failed, match="upgraded while"):
        pipeline_workers._unpack(packed)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_model_that_is_missing_is_told_in_a_sentence(tmp_path: Path, workers: int) -> None:
    config = AnalysisConfig(snownlp_model=tmp_path / "none.marshal")
    with Analysers(config, (), workers) as analysers, pytest.raises(ConfigError, match=r"none\.marshal"):
        list(analysers.judge(batches()))


@pytest.mark.long
def test_a_worker_that_dies_is_told_in_a_sentence() -> None:
    with Analysers(AnalysisConfig(), (), 2) as analysers:
        judged = analysers.judge(batches(40))
        next(judged)
        for child in psutil.Process().children(recursive=True):
            # A child that others left has ended, and has no command line any more.
            with suppress(psutil.NoSuchProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()
        with pytest.raises(Failed, match=r"worker process of the analysis died.*nothing is lost"):
            list(judged)
