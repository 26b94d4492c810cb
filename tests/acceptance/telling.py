"""The story lived by one home, with whatever left the house."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.script import Lived, live
from tests.acceptance.story import WINDOW, Story
from tests.acceptance.town import Town
from tests.acceptance.walk import Follower, Walk
from tests.delivery.servers import Answer, DingTalk, Post, Request, Web, as_json
from tests.making import LONG

STORY = Story(1, 10) if LONG else Story(20, 2)
TEXTS = [t for t in (*STORY.told, *STORY.delivered()) if t.day in WINDOW]
DELIVERY = """[channels.duty]
kind = "dingtalk"
url = "$STORY_{name}"
[channels.office]
kind = "mail"
server = "127.0.0.1"
port = {port}
security = "none"
sender = "monitor@example.cn"
to = ["desk@example.cn"]
"""


@dataclass
class Told:
    """A lived story with whatever left the house."""

    lived: Lived
    mails: list[EmailMessage]
    alarms: list[str]
    refused: int

    @property
    def first(self) -> dict[str, Any]:
        return self.lived.editions[0]

    @property
    def second(self) -> dict[str, Any]:
        return self.lived.editions[1]


class Robot:
    """Refuses the first message, as a robot does that is asked too often."""

    def __init__(self) -> None:
        self.refused, self.robot = 0, DingTalk("t")

    def __call__(self, request: Request) -> Answer:
        if not self.refused:
            self.refused = 1
            return as_json({"errcode": 130101, "errmsg": "send too fast"})
        return self.robot(request)


def tell(folder: Path, store: str, town: Town, leader: Walk | None) -> Told:
    robot, post, name = Robot(), Post(None), "LEADER" if leader is None else "FOLLOWER"
    with pytest.MonkeyPatch.context() as patch, Web(robot).running() as web, post.running():
        patch.setenv(f"STORY_{name}", f"{web.url}/robot/send?access_token=t")
        delivery, home = DELIVERY.format(name=name, port=post.port), folder / "home"
        walk = (
            Follower(home, store, leader, delivery)
            if leader
            else Walk(home, store, town, delivery, scrolls=LONG)
        )
        (folder / "tables").mkdir()
        lived = live(walk, STORY, folder / "tables")
    mails = [email.message_from_bytes(bytes(e.content or b""), policy=default) for e in post.mails]
    alarms = [message["markdown"]["text"] for message in robot.robot.taken]
    return Told(lived, [m for m in mails if isinstance(m, EmailMessage)], alarms, robot.refused)
