"""The deployment's Ed25519 key, by which evidence and editions are signed: made on first use, one for all
machines.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from fengping.errors import ConfigError
from fengping.home import Home, made_once
from fengping.state import State
from fengping.state.shared import add, content_of, files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "var/signing.pem"
"""The private key (PEM), readable by its owner alone; backups and ``fengping share`` take it along."""


def fingerprint(home: Home) -> str:
    """The public key, 64 hexadecimal digits. Raises :class:`ConfigError` for a file without such a key."""
    return _key(home).public_key().public_bytes_raw().hex()


def sign(home: Home, content: bytes) -> str:
    """The signature of *content*, 128 hexadecimal digits. Raises as :func:`fingerprint`."""
    return _key(home).sign(content).hex()


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """True where *signature* is that of *content* by the key whose :func:`fingerprint` is *public*."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key(home: Home) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with contextlib.suppress(ValueError):
        if isinstance(key := load_pem_private_key(_content(home), None), Ed25519PrivateKey):
            return key
    raise ConfigError(
        f"{home.root / NAME} holds no Ed25519 key.",
        remedy="Put back a copy from a backup: without it nothing that was signed can be verified.",
    )


def _content(home: Home) -> bytes:
    path = home.root / NAME
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    state = State.open(home)
    if not state.is_shared:
        return made_once(path, _new)
    # Of all machines that begin to sign, the first makes it; the others take it from there.
    with state.exclusive() as connection:
        there = content_of(connection, NAME)
        content = made_once(path, lambda: there or _new())
        if there is None and connection.scalar(select(func.count()).select_from(files)):
            add(connection, NAME, content)
    return content


def _new() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
