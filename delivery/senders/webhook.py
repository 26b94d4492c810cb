"""A webhook: the message as JSON, signed, with a key by which a receiver can tell a repeat.

The headers are those of Standard Webhooks: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``,
``v1,`` and the Base64 of the HMAC-SHA256 of ``id.timestamp.body``; beside them ``Idempotency-Key``.
"""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar

from pydantic import model_validator

from fengping.delivery.secrets import Reference, is_address
from fengping.delivery.senders.channel import Channel, Office, digest, trust, web_address
from fengping.delivery.senders.http import judge_status, post
from fengping.delivery.senders.robot import encode, sign
from fengping.delivery.verdict import Outcome, Parcel, Verdict


class Webhook(Channel):
    """Any address that takes a POST; every 2xx is a yes."""

    registered_as: ClassVar[str] = "webhook"
    url: str
    """An address, or the place of one that holds a token."""
    secret: Reference | None = None
    """The key of the signature; ``whsec_`` and Base64, or any text."""
    ca_file: str = ""

    @model_validator(mode="after")
    def _is_address(self) -> Webhook:
        web = self.url.startswith(("http://", "https://"))
        if not (is_address(self.url) if web else self.url.startswith(("$", "file:"))):
            # It may hold a token: what stands there is not repeated.
            raise ValueError("url is no address: write https://…, $NAME or file:PATH")
        return self

    def robot(self, name: str, office: Office) -> str:
        return digest(self.kind, self._address(office))

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        message = parcel.message
        url, body = self._address(office), encode(message.to_record() | {"text": message.text()})
        stamp = str(int(parcel.now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.id,
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
        }
        if self.secret:
            key = _key(office.secrets.read(self.secret))
            headers["webhook-signature"] = "v1," + sign(key, f"{message.id}.{stamp}.".encode() + body)
        answer = post(url, body, headers, self.timeout, trust(self.ca_file, office))
        if isinstance(answer, Verdict):
            return answer
        return judge_status(answer, parcel.now) or Verdict(Outcome.ACCEPTED, answer.words)

    def _address(self, office: Office) -> str:
        if self.url.startswith("http"):
            office.secrets.remember(self.url)
            return self.url
        return web_address(self.url, office)


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass  # a secret that only begins like one
    return secret.encode()
