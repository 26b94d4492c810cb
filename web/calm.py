"""The ground under «都平静» for a page: the things that are missing, and the next step."""

from __future__ import annotations

from typing import Any

from fengping.errors import FengpingError
from fengping.scheduler.status import alive
from fengping.services import alert_rules
from fengping.services.calm import WORDS, ground
from fengping.spiders import Catalogue
from fengping.web.desk import Desk


def calm(desk: Desk) -> dict[str, Any]:
    """Values of the template; without a ground where none can be read, and then nothing is called calm."""
    values: dict[str, Any] = {
        "unread": None,
        "ground": None,
        "running": False,
        "collects": False,
        "lack_words": WORDS,
    }
    try:
        values["running"] = alive(desk.home, desk.now())
        files = alert_rules.files(desk.home)
        rules = [one.rule.name for one in files if one.rule and one.rule.enabled]
        values["ground"] = ground(desk.home, desk.now(), rules, running=values["running"])
        values["collects"] = bool(Catalogue.load(desk.home).active())
    except FengpingError as error:
        values["unread"] = error
    return values
