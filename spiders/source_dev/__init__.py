"""Tools of who adds a source: guess, try, record, preview."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.source_dev.cases import Case
    from fengping.spiders.source_dev.guessing import guess
    from fengping.spiders.source_dev.guessing.writing import to_toml
    from fengping.spiders.source_dev.previewing import read_entries, read_page, response_of
    from fengping.spiders.source_dev.trial import try_source
else:
    __getattr__ = front_door(__name__)
