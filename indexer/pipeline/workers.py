"""Judging batches of the journal in worker processes, in order, each faulty document on its own.

Between the processes go texts one way and flat lists as JSON the other way: a graph of dataclasses
would take longer to pickle than a document takes to judge.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

import orjson

from fengping.analysis import SourceKind, kind_of
from fengping.clock import day_of
from fengping.config import AnalysisConfig
from fengping.errors import Failed, FengpingError, told
from fengping.indexer.journal import Batch
from fengping.models import Judgement
from fengping.workers import worker_pool

if TYPE_CHECKING:
    from fengping.analysis import Judge

Verdict = Judgement | str
"""A judgement, or the reason why there is none."""

PACKED_VERSION = 2
"""Version of the form in which a worker process, which may start after an upgrade, hands judgements over."""

_AHEAD = 6
"""Batches a worker may be ahead of the indexer, so that it goes on while a batch is being put."""

_OF_THE_MACHINE = (OSError, MemoryError, ImportError)
"""Errors that no text is to blame for."""

PLAIN = (
    "样例旗舰店的主播说假一赔十，收到的却是假货，客服一直不处理退款，大家别再上当了",
    "质量不错，穿着舒服，就是发货慢了一点，下次还会再来买",
)
"""Texts on which nothing is wrong, that go through all of the judge."""

_load: Callable[[], Judge] | None = None
"""In a worker process: how to load the judge, once."""


class Analysers:
    """Judges by *workers* processes, or in this one where *workers* is 1."""

    def __init__(self, config: AnalysisConfig, registries: Sequence[Path], workers: int) -> None:
        from fengping.analysis import Judge

        self._workers = workers
        self._load = functools.partial(Judge.load, config, tuple(registries))
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1:
            self._pool = worker_pool(workers, _begin, self._load)

    def judge(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Verdict]]]:
        """Each batch with one verdict for each of its documents, in order.

        Raises :class:`Failed` where a worker dies (out of memory, say) or the judge cannot work on this
        machine, and :class:`ConfigError` where the judge cannot be loaded.
        """
        if self._pool is None:
            judge = _loaded(self._load)
            for batch in batches:
                yield batch, _verdicts(judge, _texts(batch))
            return
        waiting: deque[tuple[Batch, Future[bytes]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, self._pool.submit(_judge_texts, _texts(batch))))
                if len(waiting) >= self._workers * _AHEAD:
                    done, future = waiting.popleft()
                    yield done, _unpack(future.result())
            while waiting:
                done, future = waiting.popleft()
                yield done, _unpack(future.result())
        except BrokenProcessPool:
            raise Failed(
                "A worker process of the analysis died; the machine may be out of memory.",
                remedy="Set fewer [analysis] workers in fengping.toml and run again; nothing is lost.",
            ) from None

    def __enter__(self) -> Analysers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


class Texts(NamedTuple):
    """Columns of a batch's documents that are judged by."""

    contents: list[str]
    days: list[int]
    """Publication days as ordinals, 0 where unknown."""
    kinds: list[int]


def _texts(batch: Batch) -> Texts:
    documents = [line.document for line in batch.lines if line.document]
    days = [day_of(d.published_at).toordinal() if d.published_at else 0 for d in documents]
    kinds = [int(kind_of(document)) for document in documents]
    return Texts([document.content for document in documents], days, kinds)


def _begin(load: Callable[[], Judge]) -> None:
    global _load
    # Loaded by the first batch: what goes wrong here would not reach the parent as a sentence.
    _load = functools.cache(load)


def _judge_texts(texts: Texts) -> bytes:
    assert _load is not None
    return _pack(_verdicts(_loaded(_load), texts))


def _loaded(load: Callable[[], Judge]) -> Judge:
    try:
        return load()
    except _OF_THE_MACHINE as error:
        raise _broken(error) from error


def _verdicts(judge: Judge, texts: Texts) -> list[Verdict]:
    dates = [date.fromordinal(day) if day else None for day in texts.days]
    kinds = [SourceKind(kind) for kind in texts.kinds]
    try:
        return list(judge.judge(texts.contents, dates, kinds))
    except (FengpingError, *_OF_THE_MACHINE) as error:
        raise _broken(error) from error
    except Exception:  # noqa: BLE001  one text that some library chokes on must not cost its neighbours
        rows = zip(texts.contents, dates, kinds, strict=True)
        verdicts = [_verdict(judge, content, day, kind) for content, day, kind in rows]
    if not any(isinstance(verdict, Judgement) for verdict in verdicts):
        _try_out(judge)
    return verdicts


def _verdict(judge: Judge, content: str, day: date | None, kind: SourceKind) -> Verdict:
    try:
        return judge.judge([content], [day], [kind])[0]
    except (FengpingError, *_OF_THE_MACHINE) as error:
        raise _broken(error) from error
    except Exception as error:  # noqa: BLE001  told, with the text, in the quarantine
        return f"{type(error).__name__}: {error}"


def _try_out(judge: Judge) -> None:
    """Raises :class:`Failed` where the judge fails on texts that nothing is wrong with."""
    try:
        judge.judge(PLAIN, [None] * len(PLAIN), [SourceKind(0)] * len(PLAIN))
    except Exception as error:
        raise _broken(error) from error


def _broken(error: Exception) -> FengpingError:
    """The failure of the judge itself: documents are as they were, and wait for it."""
    if isinstance(error, FengpingError):
        return error
    return Failed(
        f"The judge cannot work on this machine: {told(error)}.",
        remedy="Mend that and run it again: nothing was set aside, and what is not judged is read then.",
    )


def _pack(verdicts: list[Verdict]) -> bytes:
    """Verdicts as JSON, each judgement by the names of its fields."""
    return orjson.dumps({"packed": PACKED_VERSION, "verdicts": verdicts})


def _unpack(data: bytes) -> list[Verdict]:
    """The inverse of :func:`_pack`; raises :class:`Failed` for what another version packed."""
    packed = orjson.loads(data)
    if packed["packed"] != PACKED_VERSION:
        raise Failed("fengping was upgraded while it was indexing.", remedy="Run it again; nothing is lost.")
    return [row if isinstance(row, str) else Judgement.from_record(row) for row in packed["verdicts"]]
