"""DingTalk's custom robot: signature in the URL (加签), keyword (关键词), Markdown up to 20,000 bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote_plus

from fengping.delivery.message import Message
from fengping.delivery.secrets import Reference
from fengping.delivery.senders.channel import Office, web_address
from fengping.delivery.senders.robot import Codes, Robot, compose, encode, sign
from fengping.delivery.verdict import Parcel, Verdict

LIMIT = 20_000
CODES = Codes(
    names=("errcode",),
    words=("errmsg", "punish"),
    rate={130101, 410100, 90030},
    final={
        310000,  # keyword, signature or address not as agreed
        300001, 300005, 400101, 400102, 400106, 400013,  # no such token, robot stopped, robot or group gone
        40035, 43004, 400105,  # parameter missing, wrong content type, message type not known
        460101,  # too long
        430101, 430102, 430103, 430104,  # unsafe link, unfit text, picture or content
    },
    rest=600.0,  # who sends more than 20 a minute is shut out for ten
    hurried=("too fast", "over limit", "限流", "deny"),
)  # fmt: skip


class DingTalk(Robot):
    """A custom robot of a DingTalk group; ``mention`` takes mobile numbers or ``all``."""

    registered_as: ClassVar[str] = "dingtalk"
    secret: Reference | None = None
    """The key of 加签, ``SEC…``."""
    keyword: str = ""
    """A keyword the robot demands; it is put at the end where the subject does not hold it."""

    def send(self, parcel: Parcel, office: Office) -> Verdict:
        url = web_address(self.url, office)
        if self.secret:
            url = signed(url, office.secrets.read(self.secret), parcel.now)
        return self.hand_over(url, self._request(parcel.message), office, CODES, parcel.now)

    def _request(self, message: Message) -> bytes:
        called = self.called(message)
        calls = " ".join(f"@{number}" for number in called if number != "all")

        def request(text: str) -> bytes:
            body: dict[str, Any] = {
                "msgtype": "markdown",
                "markdown": {"title": message.title[:100], "text": f"{text}\n\n{calls}" if calls else text},
            }
            if called:
                mobiles = [number for number in called if number != "all"]
                body["at"] = {"atMobiles": mobiles, "isAtAll": "all" in called}
            return encode(body)

        text = compose(
            message, LIMIT, keyword=self.keyword, joiner="  \n", size=lambda text: len(request(text))
        )
        return request(text)


def signed(url: str, secret: str, now: datetime) -> str:
    """*url* with the time in milliseconds and the signature of it, encoded once."""
    stamp = int(now.timestamp() * 1000)
    signature = quote_plus(sign(secret.encode(), f"{stamp}\n{secret}".encode()))
    return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={signature}"
