"""The deployment's Ed25519 key, by which evidence and editions are signed: made on first use, one for all
machines. The state database knows its public part: a key that is lost or replaced is an error.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fengping.durable import write_whole
from fengping.errors import ConfigError
from fengping.home import Home, made_once
from fengping.state import State, read_meta, write_meta
from fengping.state.shared import content_of, put

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "var/signing.pem"
"""The private key (PEM), readable by its owner alone; backups and ``fengping share`` take it along."""
_KNOWN = "signing_key"
_BEFORE = "signed_before:{}"
"""Of a public key, by its first digits: the one that it replaced, and the signature of that by its own."""
_DIGITS = 40
_REMEDY = "Restore the file from a backup. Only where there is none: fengping evidence key --new."
_TAKE = "Move the file aside: this machine then takes the key from the state database."


def fingerprint(home: Home) -> str:
    """The public key, 64 hexadecimal digits.

    Raises :class:`ConfigError` for a file without such a key, and for one that is missing or holds another
    key than the state database knows.
    """
    return _public(_key(home))


def keys(home: Home) -> tuple[str, ...]:
    """The public key, and those before it that :func:`renew` replaced. Raises as :func:`fingerprint`."""
    found = [fingerprint(home)]
    with State.open(home).begin() as connection:
        while noted := read_meta(connection, _BEFORE.format(found[-1][:_DIGITS])):
            before, _, signature = noted.partition(" ")
            if before in found or not is_signed(before.encode(), signature, found[-1:]):
                raise ConfigError(
                    "The former signing keys in the state database were altered.",
                    remedy="Restore the state database from a backup.",
                )
            found.append(before)
    return tuple(found)


def renew(home: Home) -> str:
    """Begins with a new key in the place of one that is lost or known to others; the public key.

    What was signed before still verifies, by the former public key.
    """
    content = _new()
    key = _load(home, content)
    public = _public(key)
    state = State.open(home)
    with state.exclusive() as connection:
        if before := read_meta(connection, _KNOWN):
            noted = f"{before} {key.sign(before.encode()).hex()}"
            write_meta(connection, _BEFORE.format(public[:_DIGITS]), noted)
        write_meta(connection, _KNOWN, public)
        if state.is_shared:
            put(connection, NAME, content)
        write_whole(home.root / NAME, content)
    return public


def sign(home: Home, content: bytes) -> str:
    """The signature of *content*, 128 hexadecimal digits. Raises as :func:`fingerprint`."""
    return _key(home).sign(content).hex()


def is_signed(content: bytes, signature: str, publics: Iterable[str]) -> bool:
    """True where *signature* is that of *content* by one of the public keys."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for public in publics:
        with contextlib.suppress(InvalidSignature, ValueError):
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
                bytes.fromhex(signature), content
            )
            return True
    return False


def _key(home: Home) -> Ed25519PrivateKey:
    path = home.root / NAME
    state = State.open(home)
    with state.begin() as connection:
        known = read_meta(connection, _KNOWN)
    if not known or not path.exists():
        known = _settle(home, state)
    if not path.exists():
        raise ConfigError(f"{path} is missing: evidence and editions are signed by it.", remedy=_REMEDY)
    key = _load(home, path.read_bytes())
    if _public(key) != known:
        raise ConfigError(
            f"{path} holds another key than the one that evidence and editions are signed by ({known}).",
            remedy=_TAKE if state.is_shared else _REMEDY,
        )
    return key


def _settle(home: Home, state: State) -> str:
    """Makes the key where the deployment has none, takes it from there on its other machines; the public
    key, also of one that is lost."""
    path = home.root / NAME
    with state.exclusive() as connection:
        known = read_meta(connection, _KNOWN)
        there = content_of(connection, NAME) if state.is_shared else None
        if known and there is None and not path.exists():
            return known
        content = made_once(path, lambda: there or _new())
        if not known:
            known = _public(_load(home, there or content))
            write_meta(connection, _KNOWN, known)
        if state.is_shared and there is None:
            put(connection, NAME, content)
    return known


def _load(home: Home, content: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with contextlib.suppress(ValueError):
        if isinstance(key := load_pem_private_key(content, None), Ed25519PrivateKey):
            return key
    raise ConfigError(f"{home.root / NAME} holds no Ed25519 key.", remedy=_REMEDY)


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _new() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
