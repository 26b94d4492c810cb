"""Complaint classes C01–C14: triggers, concepts beside them, runs of characters."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.analysis.complaints.classes import codes
    from fengping.analysis.complaints.concepts import SIGHT
    from fengping.analysis.complaints.grams import Grams, codes_of, grams_of
else:
    __getattr__ = front_door(__name__)
