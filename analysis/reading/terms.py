"""What a reading may say: kinds and roles of parties, kinds of clauses, classes of charges, facets.

docs/labelling.md defines each. The order of every tuple is the order of the network's outputs.
"""

from __future__ import annotations

from fengping.reading import FACETS as FACETS
from fengping.reading import FORMS as FORMS

READING = "reading-"
"""Begins the version of a reader, as a judge's version holds it."""
POLARITIES = ("neg", "neu", "pos")
KINDS = ("person", "shop", "brand", "company", "platform", "room", "agency", "authority")
ROLES = ("accused", "accuser", "victim", "responder", "commentator", "authority", "bystander")
TAGS = (*FORMS, *(f"{kind}.{form}" for kind, forms in FORMS.items() for form in forms))
"""Tags of a clause: its kind, and beside it the form of an answer or official act."""
CLASSES = tuple(f"C{number:02}" for number in range(1, 16))
LINKS = tuple(
    (kind, side)
    for kind, sides in {
        "charge": ("actor", "target"), "harm": ("target",), "test": ("actor",),
        "demand": ("actor", "target"), "answer": ("actor",), "official": ("actor", "target"),
    }.items()
    for side in sides
)  # fmt: skip
"""Parties of a clause: the clause's kind and the side on which the party stands."""
