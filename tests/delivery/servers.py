"""Servers on loopback that check and refuse as the real services do, and some that misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, dict[str, str], bytes]


def as_json(body: dict[str, Any], status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


class Web:
    """An HTTP server whose *answer* gives the reply; ``mode`` makes it misbehave beneath HTTP."""

    def __init__(self, answer: Callable[[Request], Answer], context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.mode = "ok"
        self.seen: list[Request] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                request = Request(parts.path, query, {k.lower(): v for k, v in self.headers.items()}, body)
                web.seen.append(request)
                web._reply(self, web.answer(request))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"

    def _reply(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        status, headers, body = answer
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        whole = (head + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body
        handler.close_connection = True
        if self.mode == "close":
            return
        if self.mode == "half":
            handler.wfile.write(whole[: len(whole) - max(len(body) // 2, 1)])
            return
        try:
            if self.mode == "drip":  # also in the head, where a limit for each read never ends
                for byte in whole:
                    handler.wfile.write(bytes([byte]))
                    handler.wfile.flush()
                    time.sleep(0.1)
            else:
                handler.wfile.write(whole)
        except OSError:
            pass

    @contextmanager
    def running(self) -> Iterator[Web]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


@dataclass
class Limit:
    """At most *most* requests in any 60 seconds of *clock*."""

    most: int = 20
    clock: Callable[[], float] = time.time
    _taken: deque[float] = field(default_factory=deque)

    def over(self) -> bool:
        now = self.clock()
        while self._taken and self._taken[0] <= now - 60:
            self._taken.popleft()
        if len(self._taken) >= self.most:
            return True
        self._taken.append(now)
        return False


def _mac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


@dataclass
class DingTalk:
    """oapi.dingtalk.com/robot/send: always HTTP 200, the verdict stands in ``errcode``."""

    token: str
    secret: str = ""
    keyword: str = ""
    limit: Limit = field(default_factory=Limit)
    taken: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        code, words = self._judge(request)
        if not code:
            self.taken.append(request.json)
        return as_json({"errcode": code, "errmsg": words})

    def _judge(self, request: Request) -> tuple[int, str]:
        if request.query.get("access_token") != self.token:
            return 300005, "token is not exist"
        if not request.headers["content-type"].startswith("application/json"):
            return 43004, "无效的HTTP HEADER Content-Type"
        if self.secret:
            stamp = request.query.get("timestamp", "0")
            right = _mac(self.secret, f"{stamp}\n{self.secret}")
            if abs(self.limit.clock() - int(stamp) / 1000) > 3600 or request.query.get("sign") != right:
                return 310000, "sign not match, more: [https://ding-doc.dingtalk.com]"
        if request.json["msgtype"] != "markdown":
            return 400105, "不支持的消息类型"
        if self.keyword not in request.json["markdown"]["title"] + request.json["markdown"]["text"]:
            return 310000, "keywords not in content, more: [https://ding-doc.dingtalk.com]"
        if len(request.body) > 20_000:
            return 460101, "message too long, exceed 20000 bytes"
        if self.limit.over():
            return 130101, "send too fast, exceed 20 times per minute"
        return 0, "ok"


@dataclass
class WeCom:
    """qyapi.weixin.qq.com/cgi-bin/webhook/send."""

    key: str
    limit: Limit = field(default_factory=Limit)
    taken: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        code, words = self._judge(request)
        if not code:
            self.taken.append(request.json)
        hint = ", hint: [1732064547142832100935838], from ip: 127.0.0.1"
        return as_json({"errcode": code, "errmsg": words + (hint if code else "")})

    def _judge(self, request: Request) -> tuple[int, str]:
        if request.query.get("key") != self.key:
            return 93000, "invalid webhook url"
        if request.json.get("msgtype") != "markdown":
            return 40008, "invalid message type"
        content = request.json["markdown"]["content"]
        if not content:
            return 44004, "empty content"
        if len(content.encode()) > 4096:
            return 40058, "markdown.content exceed max length 4096. invalid Request Parameter"
        if self.limit.over():
            return 45009, "api freq out of limit"
        return 0, "ok"


@dataclass
class Feishu:
    """open.feishu.cn/open-apis/bot/v2/hook/TOKEN."""

    token: str
    secret: str = ""
    keyword: str = ""
    limit: Limit = field(default_factory=lambda: Limit(100))
    taken: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        code, words = self._judge(request)
        if code:
            return as_json({"code": code, "data": {}, "msg": words})
        self.taken.append(request.json)
        return as_json({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    def _judge(self, request: Request) -> tuple[int, str]:
        if not request.path.endswith(f"/hook/{self.token}"):
            return 19001, "param invalid: incoming webhook access token invalid"
        body = request.json
        if self.secret:
            stamp = body.get("timestamp", "0")
            key = f"{stamp}\n{self.secret}"
            if abs(self.limit.clock() - int(stamp)) > 3600 or body.get("sign") != _mac(key, ""):
                return 19021, "sign match fail or timestamp is not within one hour from current time"
        if len(request.body) > 20 * 1024:
            return 9499, "Bad Request"
        if body.get("msg_type") != "interactive" or not body["card"]["elements"]:
            return 19002, "params error, msg_type need"
        shown = body["card"]["header"]["title"]["content"] + body["card"]["elements"][0]["content"]
        if self.keyword not in shown:
            return 19024, "Key Words Not Found"
        if self.limit.over():
            return 11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
        return 0, "success"


class Post:
    """A mail server with login behind STARTTLS; ``refusal`` answers the recipient, ``data`` the mail."""

    def __init__(self, context: ssl.SSLContext | None, user: str = "", password: str = "") -> None:
        self.mails: list[Envelope] = []
        self.refusal = self.data = ""
        self._login = user, password
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=bool(context),
            authenticator=self._authenticate, auth_required=bool(user), auth_require_tls=bool(context),
            decode_data=False,
        )  # fmt: skip

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(
        self, _s: SMTP, _x: Session, envelope: Envelope, address: str, _o: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        self.mails.append(envelope)
        return "250 2.0.0 queued as 4F2A"

    @contextmanager
    def running(self) -> Iterator[Post]:
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


@contextmanager
def dripping_greeting() -> Iterator[int]:
    """A port that greets with a byte each tenth of a second and never ends the line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.1):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
