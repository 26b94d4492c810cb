"""Knowledge of an event beside its documents: claims, spread, course, concentration. Pure."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.events.knowing.affairs import kin_of, of_affair
    from fengping.events.knowing.claims import computed, quoted, ratio_notes
    from fengping.events.knowing.dossier import Turn, know
    from fengping.events.knowing.reach import engagement_of
else:
    __getattr__ = front_door(__name__)
