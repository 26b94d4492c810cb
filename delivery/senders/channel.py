"""The protocol of a channel: its settings as written in ``delivery.toml``, and how it sends one message."""

from __future__ import annotations

import hashlib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TextIO

from pydantic import Field

from fengping.delivery.secrets import SecretMissing, Secrets
from fengping.delivery.verdict import Parcel, Verdict
from fengping.errors import UsageError
from fengping.toml import Strict


@dataclass(frozen=True, slots=True)
class Office:
    """The things a sender needs beside its own settings."""

    secrets: Secrets
    root: Path
    """The home, from which paths are taken."""
    folder: Path
    """The folder for what channels write when no path is given."""
    screen: TextIO | None = None
    """The terminal that a person looks at."""


class Channel(Strict, ABC):
    """A kind of channel: fields as in the TOML, and :meth:`send`.

    A subclass in a file of this folder is known as the ``kind`` that its ``registered_as`` says.
    """

    registered: ClassVar[dict[str, type[Channel]]] = {}
    registered_as: ClassVar[str]
    needs_screen: ClassVar[bool] = False

    kind: str
    per_minute: Annotated[int, Field(ge=0)] = 0
    """Messages in any 60 seconds; 0 sets no limit."""
    timeout: Annotated[float, Field(gt=0, le=300)] = 15.0
    """Seconds for one attempt as a whole, from the name of the server to the last byte of its answer."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "registered_as" in cls.__dict__:
            Channel.registered[cls.registered_as] = cls

    @abstractmethod
    def send(self, parcel: Parcel, office: Office) -> Verdict:
        """Hands one message over and tells what the other side said.

        Called with nothing locked, in a thread of its own; it ends by itself within ``timeout``. It raises
        :class:`SecretMissing` for a secret that is not set, and otherwise puts every failure in words.
        """

    def addresses(self, address: str) -> Iterator[str]:
        """Addresses within this channel for ``NAME:address``; most channels are one place."""
        if address:
            raise UsageError(f"A channel of kind {self.kind!r} takes no address ({address!r}).")
        yield ""

    def robot(self, name: str, office: Office) -> str:
        """The name under which a pace is shared, without secrets: one URL is one robot."""
        return f"{self.kind} {name}"


def digest(kind: str, url: str) -> str:
    """The name of the robot behind a secret URL."""
    return f"{kind} {hashlib.sha256(url.encode()).hexdigest()[:24]}"


def web_address(reference: str, office: Office) -> str:
    """The URL that *reference* leads to; raises :class:`SecretMissing` where there is none."""
    url = office.secrets.address(reference)
    if not url.startswith(("https://", "http://")):
        raise SecretMissing(f"What stands in {reference} is no http:// or https:// address.")
    return url


def trust(ca_file: str, office: Office) -> ssl.SSLContext:
    """The authorities to trust: the usual ones, and those of *ca_file* within the home."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(office.root / ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SecretMissing(f"The ca_file {ca_file} cannot be read ({type(error).__name__}).") from None
    return context
