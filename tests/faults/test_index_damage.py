"""Files of the embedded index that rot: found by ``doctor --deep``, and on opening after a writer died."""

from __future__ import annotations

import json
import random
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.making import document

from fengping.errors import StoreError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search.backends.tantivy import checksums
from fengping.services.integrity import check_index_whole

NOW = datetime(2020, 11, 12, tzinfo=UTC)


@pytest.fixture
def filled(home: Home) -> Home:
    with closing(open_store(home)) as store:
        for start in (0, 50):
            store.put(
                [document(number, NOW, f"第{number}件商品发货太慢") for number in range(start, start + 60)]
            )
    return home


def generation(home: Home) -> Path:
    return home.var / "index" / "1"


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x01
    path.write_bytes(bytes(data))


def files(home: Home) -> list[Path]:
    return [path for path in sorted(generation(home).iterdir()) if path.suffix in checksums._CHECKED]


def test_sound_files_are_sound(filled: Home) -> None:
    assert check_index_whole(filled) == "all files are what was written"
    assert {path.suffix for path in files(filled)} >= {".fast", ".store", ".term", ".idx", ".del"}


def test_one_flipped_bit_in_any_file_is_found(filled: Home) -> None:
    chance = random.Random(5)
    for path in files(filled):
        size = path.stat().st_size  # of which the footer's version is covered by no checksum
        for at in (0, chance.randrange(max(size - 200, 1)), size - 1):
            flip(path, at)
            assert path.name in checksums.damaged_files(generation(filled)), (path.name, at)
            flip(path, at)
    assert checksums.damaged_files(generation(filled)) == []


@pytest.mark.parametrize("suffix", [".fast", ".store", ".term", ".idx"])
def test_a_missing_file_is_found(filled: Home, suffix: str) -> None:
    doomed = next(path for path in files(filled) if path.suffix == suffix)
    doomed.unlink()
    assert checksums.damaged_files(generation(filled)) == [doomed.name]


def test_doctor_deep_says_it(filled: Home) -> None:
    doomed = next(path for path in files(filled) if path.suffix == ".fast")
    flip(doomed, 3)
    done = fengping(filled, "doctor", "--deep", "--json")
    checks = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert not checks["index files"]["ok"]
    assert doomed.name in checks["index files"]["found"]


def test_after_a_writer_died_damage_is_refused_and_a_sound_index_is_read(filled: Home) -> None:
    mark = generation(filled) / "writing"
    assert not mark.exists()
    mark.write_text('{"process": 999999999, "started": "0"}', encoding="utf-8")
    doomed = next(path for path in files(filled) if path.suffix == ".fast")
    flip(doomed, 3)
    for _ in range(2):
        with closing(open_store(filled)) as store, pytest.raises(StoreError, match=r"died.*fengping reindex"):
            store.count(Filter())
    flip(doomed, 3)
    with closing(open_store(filled)) as store:
        assert store.count(Filter()) == 110
    assert not mark.exists()


def test_a_living_writer_is_no_dead_one(filled: Home) -> None:
    with closing(open_store(filled)) as writer, closing(open_store(filled)) as reader:
        writer.put([document(500, NOW)])
        # As the other container sees it, where this process has another number.
        (generation(filled) / "writing").write_text(
            '{"process": 999999999, "started": "0"}', encoding="utf-8"
        )
        assert not checksums.ended_uncleanly(generation(filled))
        assert reader.count(Filter()) == 111
