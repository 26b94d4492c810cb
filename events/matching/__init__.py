"""Two documents: about one happening or not. Pure; learnt weights beside it."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.events.matching.match import LINKED, log_odds
    from fengping.events.matching.places import provinces
    from fengping.events.matching.sketch import Told, sketches
else:
    __getattr__ = front_door(__name__)
