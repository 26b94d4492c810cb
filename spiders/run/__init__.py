"""Runs of crawls: started as child processes, watched, recorded, every URL counted once."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.run.context import Job, Run
    from fengping.spiders.run.ledger import Ledger
    from fengping.spiders.run.records import crawl_runs, source_health
    from fengping.spiders.run.supervisor import Progress
    from fengping.spiders.run.worker import source_lock, work
else:
    __getattr__ = front_door(__name__)
