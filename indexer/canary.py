"""Trial posts: through the journal and the judge like any other, and into no index.

The state's meta keeps the moment of the last one that was written and of the last one that was judged.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer.journal.opening import open_journal
from fengping.models import Channel, RawDocument, document_id
from fengping.state import State, read_meta, write_meta

SOURCE = "_canary"
"""Source of trial posts."""
WRITTEN, JUDGED = "canary written", "canary judged"
_TEXT = "【试发】虚构内容：样例旗舰店的主播卖假货，收到后申请退款，客服一直不处理。"


def write(home: Home, now: datetime) -> None:
    """Writes a trial post of *now* into the journal."""
    with State.open(home).begin() as connection:
        write_meta(connection, WRITTEN, now.isoformat())
    post = RawDocument(
        document_id(SOURCE, now.isoformat()), SOURCE, _TEXT, now, channel=Channel.OTHER, published_at=now
    )
    with open_journal(home).writer() as journal:
        journal.append(post)


def last(connection: Connection, mark: str) -> datetime | None:
    """The moment under :data:`WRITTEN` or :data:`JUDGED`; ``None`` for never."""
    said = read_meta(connection, mark)
    return parse_moment(said) if said else None


def is_trial(document: RawDocument) -> bool:
    """True for a trial post, not for all of an import under the same name."""
    return document.source == SOURCE and document.text == _TEXT
