"""Size on disk of real posts in the embedded index, with what the encoder read of them and without."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from devtools.bench import Options, Row
from devtools.bench.chain import real_posts
from fengping.analysis import Judge, Reader
from fengping.clock import SHANGHAI
from fengping.config import AnalysisConfig
from fengping.indexer import open_store_url
from fengping.models import Channel, Document, RawDocument, document_id

SIZE = 20_000
_AT_ONCE = 1_000
_START = datetime(2020, 10, 20, tzinfo=SHANGHAI)
_READ = ("parties", "accused", "signals", "facets", "people", "reading")
"""Fields that only the encoder fills."""


def run(options: Options) -> list[Row]:
    """Bytes a document of the index, the same posts and labels in both."""
    texts = real_posts(options.data)[: options.size or SIZE]
    judge = Judge.load(AnalysisConfig(), reader=Reader.load())
    with tempfile.TemporaryDirectory(prefix="fengping-bench-") as folder:
        read, plain = Path(folder) / "read", Path(folder) / "plain"
        with (
            closing(open_store_url(f"tantivy:{read}")) as one,
            closing(open_store_url(f"tantivy:{plain}")) as two,
        ):
            for documents in _judged(judge, texts):
                one.put(documents, ())
                bare: dict[str, Any] = dict.fromkeys(_READ)
                two.put([replace(d, judgement=replace(d.judgement, **bare)) for d in documents], ())
        sizes = [sum(file.stat().st_size for file in at.rglob("*") if file.is_file()) for at in (read, plain)]
    whole, less = (size / len(texts) for size in sizes)
    return [
        Row("index with what the encoder read", whole, "bytes/document", len(texts), whole / less, "without"),
        Row("index without it", less, "bytes/document", len(texts)),
    ]


def _judged(judge: Judge, texts: Sequence[str]) -> Iterator[list[Document]]:
    for at in range(0, len(texts), _AT_ONCE):
        part = texts[at : at + _AT_ONCE]
        documents = []
        for number, (text, judgement) in enumerate(zip(part, judge.judge(part), strict=True), at):
            url, when = f"https://posts.example/{number}", _START + timedelta(minutes=2 * number)
            raw = RawDocument(
                document_id(url), "bench", text, when, url=url, published_at=when, channel=Channel.WEIBO
            )
            documents.append(Document(raw, judgement, raw.id, True, when))
        yield documents
