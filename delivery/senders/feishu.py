"""Feishu's (Lark's) custom robot: a card of at most 20 kB, the signature in the body."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from fengping.delivery.message import Message, Severity
from fengping.delivery.secrets import Reference
from fengping.delivery.senders.channel import Office, web_address
from fengping.delivery.senders.robot import Codes, Robot, compose, encode, sign
from fengping.delivery.verdict import Parcel, Verdict

LIMIT = 20_000
CODES = Codes(
    names=("code", "StatusCode"),
    words=("msg", "StatusMessage"),
    rate={11232, 230020, 230006},
    final={
        19021, 19022, 19024,  # signature or clock, address, keyword not as agreed
        19001, 19002, 19007,  # no such robot, parameter, robot switched off
        9499,  # bad request; in haste it says so in words
        10002, 11246, 230099,  # the card is not one
    },
    rest=60.0,
)  # fmt: skip
_COLOURS = {Severity.INFO: "blue", Severity.WARNING: "orange", Severity.CRITICAL: "red"}


class Feishu(Robot):
    """A custom robot of a Feishu or Lark group; ``mention`` takes open ids or ``all``."""

    registered_as: ClassVar[str] = "feishu"
    secret: Reference | None = None
    """The key of 签名校验."""
    keyword: str = ""
    """A keyword the robot demands; it is put at the end where the subject does not hold it."""

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        seal: dict[str, Any] = {}
        if self.secret:
            seal = signature(office.secrets.read(self.secret), parcel.now)
        content = self._request(parcel.message, seal)
        return self.hand_over(web_address(self.url, office), content, office, CODES, parcel.now)

    def _request(self, message: Message, seal: dict[str, Any]) -> bytes:
        calls = "".join(f"\n<at id={user}></at>" for user in self.called(message))

        def request(text: str) -> bytes:
            title = {"tag": "plain_text", "content": message.title[:200]}
            return encode({
                **seal,
                "msg_type": "interactive",
                "card": {
                    "config": {"wide_screen_mode": True},
                    "header": {"template": _COLOURS[message.severity], "title": title},
                    "elements": [{"tag": "markdown", "content": text + calls}],
                },
            })  # fmt: skip

        text = compose(
            message, LIMIT, heading=False, keyword=self.keyword, mention="<at",
            size=lambda text: len(request(text)),
        )  # fmt: skip
        return request(text)


def signature(secret: str, now: datetime) -> dict[str, str]:
    """The two fields of a signed body: the key is time and secret, the text is empty."""
    stamp = str(int(now.timestamp()))
    return {"timestamp": stamp, "sign": sign(f"{stamp}\n{secret}".encode(), b"")}
