"""A session that ended: signing in leads back to the question, and a form can be sent again."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, NOW, client_of, documents, token_of

from fengping.home import Home
from fengping.services import tagging
from fengping.state import State
from fengping.web.accounts import book

PASSWORD = "a long enough password"
ONE, TWO = (one.id for one in documents()[:2])
_PLAIN = "/?=&@."
PAGE = f"/search?q=退款&accused={HOST}"


@pytest.fixture
def stranger(stocked: Home) -> TestClient:
    """A browser that holds forms of the console, but no session."""
    for role in ("reader", "analyst"):
        book.add(State.open(stocked), role, PASSWORD, role, NOW)
    client = client_of(stocked, accounts=True)
    token_of(client, "/login")
    return client


def form_of(page: str, action: str) -> list[tuple[str, str]]:
    """Hidden fields of the form that is sent to *action*."""
    form = page[page.index(f'action="{action}"') :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return [(html.unescape(name), html.unescape(value)) for name, value in found]


def sent(client: TestClient, path: str, fields: list[tuple[str, str]], came: str = "") -> Any:
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    headers = {"referer": f"http://127.0.0.1{quote(came, safe=_PLAIN)}"} if came else {}
    return client.post(path, data=data, headers=headers, follow_redirects=False)


def posted(client: TestClient, path: str, came: str = "", **fields: str) -> str:
    """The page that a form without a session leads to."""
    fields = {"token": client.cookies["fp_token"]} | fields
    answer = sent(client, path, list(fields.items()), came)
    assert answer.status_code == 401
    return answer.text


def signed_in(client: TestClient, page: str, name: str = "analyst") -> Any:
    return sent(client, "/login", [*form_of(page, "/login"), ("name", name), ("password", PASSWORD)])


@pytest.mark.parametrize("asked", [PAGE, "/alerts/1?from=mail&n=2", "/", "/hosts/50%25%3F?days=7&x="])
def test_a_question_is_kept_through_the_sign_in(stranger: TestClient, asked: str) -> None:
    page = stranger.get(asked).text
    assert "到期" not in page
    led = signed_in(stranger, page).headers["location"]
    assert unquote(asked) == unquote(led)


def test_choosing_a_language_at_the_door_keeps_the_question(stranger: TestClient) -> None:
    page = stranger.get("/alerts/1?n=2").text
    [english] = re.findall(r'href="([^"]+)" lang="en" hreflang', page)
    page = stranger.get(html.unescape(english)).text
    assert signed_in(stranger, page).headers["location"] == "/alerts/1?n=2"


@pytest.mark.parametrize(
    ("path", "came", "back", "led"),
    [
        ("/alerts/1/acknowledge", "/alerts/1", "", "/alerts/1"),
        ("/marks", PAGE, "", PAGE),
        ("/marks", "", PAGE, PAGE),
        ("/correct/undo", "/correct?order=random&undo=x", "", "/correct?order=random&undo=x"),
        ("/reports/editions/3/edit", "/reports/editions/3/review", "", "/reports/editions/3/review"),
        ("/marks", "@evil.example/x", "//evil.example/", "/"),
        ("/marks", "", "https://evil.example/", "/"),
    ],
)
def test_a_form_leads_back_to_its_page(
    stranger: TestClient, path: str, came: str, back: str, led: str
) -> None:
    page = posted(stranger, path, came, back=back)
    assert "登录已经到期，刚才提交的内容没有保存" in page
    again = signed_in(stranger, page)
    [link] = re.findall(r'<a class="btn" href="([^"]+)">不提交', again.text)
    assert unquote(html.unescape(link)) == led


def test_what_was_typed_is_sent_again_by_one_button(stranger: TestClient, stocked: Home) -> None:
    token = stranger.cookies["fp_token"]
    typed = [("id", ONE), ("id", TWO), ("tags", '要回访 "急" <b>'), ("act", "tag"), ("back", PAGE)]
    page = sent(stranger, "/marks", [("token", token), *typed], PAGE).text
    assert "登录以后可以重新提交" in page and not tagging.listed(stocked)
    wrong = sent(stranger, "/login", [*form_of(page, "/login"), ("name", "analyst"), ("password", "no")])
    assert wrong.status_code == 401
    again = signed_in(stranger, wrong.text).text
    fields = form_of(again, "/marks")
    assert [pair for pair in fields if pair[0] != "token"] == typed
    assert not tagging.listed(stocked)
    assert sent(stranger, "/marks", fields).status_code == 303
    assert {count for _, count in tagging.listed(stocked)} == {2}


def test_who_may_not_write_may_not_send_again_either(stranger: TestClient) -> None:
    page = posted(stranger, "/marks", PAGE, id=ONE, tags="x", act="tag")
    again = signed_in(stranger, page, "reader").text
    assert sent(stranger, "/marks", form_of(again, "/marks")).status_code == 403


def test_passwords_are_not_kept(stranger: TestClient) -> None:
    page = posted(stranger, "/settings/accounts", "/settings", name="x", password="very secret words")
    assert "没有保存" in page and "重新提交" not in page and "very secret words" not in page
    assert signed_in(stranger, page).headers["location"] == "/settings"


def test_a_form_of_another_site_is_not_kept(stranger: TestClient) -> None:
    page = posted(stranger, "/marks", PAGE, id=ONE, tags="planted", token="guessed")
    assert "重新提交" not in page and "planted" not in page


@pytest.mark.parametrize("typed", ["[", "[[1]]", "{}", ""])
def test_a_sign_in_never_sends_elsewhere(stranger: TestClient, typed: str) -> None:
    fields = [*form_of(stranger.get("/").text, "/login"), ("name", "analyst"), ("password", PASSWORD)]
    answer = sent(stranger, "/login", [*fields, ("again", "//evil.example/"), ("typed", typed)])
    assert answer.headers["location"] == "/"
    assert "<form" in sent(stranger, "/login", [*fields, ("again", "/marks"), ("typed", typed)]).text


def test_pages_tell_their_address_to_this_console_alone(stranger: TestClient) -> None:
    assert stranger.get("/login").headers["referrer-policy"] == "same-origin"
