"""WeCom's group robot: Markdown of at most 4,096 bytes, 20 messages a minute."""

from __future__ import annotations

from typing import ClassVar

from fengping.delivery.senders.channel import Office, web_address
from fengping.delivery.senders.robot import Codes, Robot, compose, encode
from fengping.delivery.verdict import Parcel, Verdict

LIMIT = 4_096
CODES = Codes(
    names=("errcode",),
    words=("errmsg",),
    rate={45009, 45033},
    final={
        93000, 93004, 93008,  # no such robot, stopped, not of this group
        40008, 40058, 44004, 45002, 47001,  # message type, parameter or length, empty, too long, no JSON
    },
    rest=60.0,
)  # fmt: skip


class WeCom(Robot):
    """A robot of a WeCom group; ``mention`` takes user ids."""

    registered_as: ClassVar[str] = "wecom"

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        calls = "".join(f"<@{user}>" for user in self.called(parcel.message))
        text = compose(parcel.message, LIMIT - len(calls.encode()) - 1)
        content = f"{text}\n{calls}" if calls else text
        request = encode({"msgtype": "markdown", "markdown": {"content": content}})
        return self.hand_over(web_address(self.url, office), request, office, CODES, parcel.now)
