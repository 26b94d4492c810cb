"""Labels of every document in one line, and in full those of some of the demonstration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from devtools.golden.homes import Homes, Made
from fengping.models import Act, Document, Polarity

FULL = 12
"""Of so many documents of the demonstration one is shown with its evidence and keywords."""
LEFT_OUT = ("snownlp", "model")
PLACES = 4
"""Decimals of a probability in full."""


def demo(homes: Homes) -> Iterator[tuple[str, Any]]:
    made = homes.demo
    yield from _lines(made)
    for key in list(made.documents)[::FULL]:
        record = made.documents[key].judgement.to_record()
        yield (
            f"in full {key}",
            {
                name: round(value, PLACES) if isinstance(value, float) else value
                for name, value in record.items()
                if value not in (None, "", [], {}) and name not in LEFT_OUT
            },
        )


def story(homes: Homes) -> Iterator[tuple[str, Any]]:
    yield from _lines(homes.story)


def posts(homes: Homes) -> Iterator[tuple[str, Any]]:
    yield from _lines(homes.posts)


def _lines(made: Made) -> Iterator[tuple[str, str]]:
    group = made.keys.get
    for key, document in made.documents.items():
        yield key, " ".join(labels(document, lambda id: group(id, id)))


def labels(document: Document, named: Callable[[str], str]) -> Iterator[str]:
    """The labels of a document, a word each; what most documents are (neutral, no act) is left out.

    ``n93`` negative with 93 %; ``live`` about livestream selling; ``name=accused`` a role; ``!name`` an
    accused host, ``!#name`` an accused shop; ``@name`` a platform; ``^name`` a regulator; ``=name`` the
    first document of its repost group.
    """
    judged = document.judgement
    if judged.polarity is not Polarity.NEU:
        yield judged.polarity.value if judged.polarity else "unjudged"
    if judged.negative is not None:
        yield f"n{round(100 * judged.negative)}"
    if judged.polarity is Polarity.POS and judged.positive is not None:
        yield f"p{round(100 * judged.positive)}"
    if judged.act not in (None, Act.OTHER):
        yield str(judged.act.value)
    yield from ("live",) * judged.relevant
    yield from ("consumer",) * bool(judged.consumer)
    yield from judged.issues
    roles = judged.roles or {}
    names = [f"{name}={role.value}" for name, role in roles.items()]
    names += [name for name in (*judged.hosts, *(judged.brands or ())) if name not in roles]
    names += [f"!{name}" for name in judged.negative_hosts]
    names += [f"!#{name}" for name in judged.negative_brands or ()]
    names += [f"@{name}" for name in judged.platforms] + [f"^{name}" for name in judged.regulators]
    yield from (name.replace(" ", "_") for name in names)
    if document.group != document.id:
        yield f"={named(document.group)}"
