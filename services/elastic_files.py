"""The index template and the Kibana data view of a home, as files."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from fengping.durable import write_whole
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.search.backends.elasticsearch.files import kibana_file, template_file

FORMS = ("es-template", "kibana")


def write(home: Home, form: str, to: Path | IO[bytes]) -> str:
    """Writes the file *form* and returns the alias that it is about: the store's, else ``fengping``."""
    scheme, rest = home.path_url(home.config.store)
    name, owner, by_hand = "fengping", "", True
    if scheme.startswith("elasticsearch+"):
        # The driver is loaded where it is the store's alone.
        from fengping.indexer.search import Address

        name, owner, by_hand = Address.parse(f"{scheme}:{rest}").name, home.identity, False
    rollover = "" if by_hand else home.config.elasticsearch.rollover
    content = kibana_file(name) if form == "kibana" else template_file(name, owner, rollover, by_hand=by_hand)
    if not isinstance(to, Path):
        to.write(content)
        return name
    try:
        write_whole(to, content)
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}.") from None
    return name
