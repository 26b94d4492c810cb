"""What a real post costs the processor, in turns with another checkout."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from devtools.bench import Options, chain
from fengping.errors import UsageError

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_each_stage_has_its_cost_beside_another_checkout(tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    with gzip.open(tmp_path / "sets" / "posts.csv.gz", "wt", encoding="utf-8") as file:
        file.write("text,label\n" + "".join(f"第{n}件衣服洗了就缩水,neg\n" for n in range(40)))
    with gzip.open(tmp_path / "sets" / "titles-weibo-hot.csv.gz", "wt", encoding="utf-8") as file:
        file.write("day,title\n2020-11-01,不算在内\n")
    rows = chain.run(Options(100, "", tmp_path, beside=ROOT))
    assert {row.n for row in rows} == {40} and all(row.value > 0 for row in rows)
    own, _, other, *_ = rows
    assert own.what == "import" and own.ratio and other.what.strip() == str(ROOT)


def test_a_folder_without_posts_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no posts"):
        chain.run(Options(1, "", tmp_path))
