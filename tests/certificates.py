"""Private authorities, and certificates for servers on loopback that they sign."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificate:
    """A server's certificate, its key, and the authority's own certificate, each a file in PEM."""

    chain: Path
    key: Path
    authority: Path

    @property
    def both(self) -> Path:
        """Key and certificate in one file."""
        path = self.key.with_name("both.pem")
        path.write_bytes(self.key.read_bytes() + self.chain.read_bytes())
        return path

    def context(self) -> ssl.SSLContext:
        """The settings of a server of Python's."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.chain, self.key)
        return made


def make(folder: Path) -> Certificate:
    """A new authority and a certificate of it for 127.0.0.1, in *folder*, which is made."""
    folder.mkdir()
    name = f"authority of {folder.name}"
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    made = Certificate(folder / "server.pem", folder / "server.key", folder / "authority.pem")
    made.authority.write_bytes(_signed(name, root, root, name).public_bytes(Encoding.PEM))
    made.chain.write_bytes(_signed("server", own, root, name).public_bytes(Encoding.PEM))
    made.key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _signed(name: str, key: Key, by: Key, issuer: str) -> x509.Certificate:
    """A certificate for *key*; that of an authority where it signs itself."""
    now, ours = datetime.now(UTC), key is by
    given = x509.CertificateBuilder(
        _name(issuer),
        _name(name),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=1),
    ).add_extension(x509.BasicConstraints(ca=ours, path_length=None), critical=True)
    if not ours:
        loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        given = given.add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
    return given.sign(by, hashes.SHA256())


def _name(said: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, said)])
