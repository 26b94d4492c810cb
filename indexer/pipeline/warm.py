"""Compiles what indexing runs through, in a process that ends: a compiler keeps the memory it took.

Left to the first documents, it would be done by the indexer and by each of its workers, twice the work and
100 to 150 MiB for as long as each of them runs.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fengping.analysis.compiled import announce, is_kept
from fengping.analysis.judge import Judge
from fengping.config import AnalysisConfig
from fengping.indexer.groups.grouping import Groups, Member
from fengping.indexer.groups.kernel import place
from fengping.models import document_id

_TEXTS = (
    "样例旗舰店的主播说假一赔十，收到的却是假货，客服一直不处理退款，大家别再上当了",
    "质量不错，穿着舒服，就是发货慢了一点，下次还会再来买",
)


def ensure() -> None:
    """Has everything compiled that is not kept on disk yet."""
    if not is_kept(place):
        announce()
        # Where it fails, the first documents are compiled for as they come, and any error is told there.
        subprocess.run(
            [sys.executable, "-m", "fengping.indexer.pipeline.warm"], capture_output=True, check=False
        )


def load() -> None:
    """Judges and groups two documents and an answer to one; `place` is compiled last."""
    Judge.load(AnalysisConfig()).judge(_TEXTS)
    contents = [*_TEXTS, f"说得对//@路人：{_TEXTS[0]}"]
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        groups = Groups(Path(folder))
        groups.add([Member(document_id("warm", content), content, now) for content in contents])
        groups.close()


if __name__ == "__main__":
    load()
