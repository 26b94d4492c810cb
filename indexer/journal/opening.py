"""Opening of a home's journal by URL. A driver is imported only when its journal is opened."""

from __future__ import annotations

from fengping.errors import ConfigError, NotInstalled, did_you_mean, install
from fengping.home import Home
from fengping.indexer.journal import remembered
from fengping.indexer.journal.log import Journal
from fengping.indexer.journal.protocol import JournalProtocol
from fengping.visible import masked

SCHEMES = ("file", "kafka", "kafka+ssl")


def open_journal(home: Home) -> JournalProtocol:
    """The journal that ``journal`` in the home's ``fengping.toml`` names: ``file:PATH`` or
    ``kafka://host:9092,host:9092/topic``.

    Raises :class:`ConfigError` for any other URL. No broker is asked before the first question; of files the
    manifest is completed by what the state knows.
    """
    url = home.config.journal
    scheme, _, rest = url.partition(":")
    if scheme == "file" and rest:
        return Journal(home.journal, remembered.put_back(home))
    if scheme in {"kafka", "kafka+ssl"}:
        try:
            from fengping.indexer.journal.kafka.log import KafkaJournal
        except ModuleNotFoundError as error:
            raise NotInstalled(
                f"The journal needs the Python package {error.name}, which is not installed.",
                remedy=install("kafka"),
            ) from None
        return KafkaJournal(url, home.identity, home.config.kafka, home.spool)
    known = did_you_mean(masked(scheme), SCHEMES)
    raise ConfigError(f"Unknown journal URL {masked(url)!r}. {known}")
