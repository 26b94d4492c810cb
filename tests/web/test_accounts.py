"""Access to the console: sessions, roles, the token of forms, the throttle, the audit log."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests import postgres
from tests.web.conftest import NOW, client_of, documents, token_of

from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.state import State
from fengping.web import serving
from fengping.web.accounts import book, throttle

PASSWORD = "a long enough password"


@pytest.fixture
def guarded(stocked: Home) -> Home:
    for role in book.ROLES:
        book.add(State.open(stocked), role, PASSWORD, role, NOW)
    return stocked


def signed_in(home: Home, name: str) -> TestClient:
    client = client_of(home, accounts=True)
    said = client.post(
        "/login",
        data={"name": name, "password": PASSWORD, "token": token_of(client, "/login")},
        follow_redirects=False,
    )
    assert said.status_code == 303
    return client


def correction(client: TestClient, **changes: str) -> dict[str, str]:
    one = documents()[0]
    return {"document": one.id, "polarity": "neu", "token": token_of(client)} | changes


def test_a_stranger_is_sent_to_the_door(guarded: Home) -> None:
    client = client_of(guarded, accounts=True)
    for page in ("/", "/search?q=x&accused=y", "/settings", "/audit"):
        answer = client.get(page, follow_redirects=False)
        assert answer.status_code == 303
        assert parse_qs(urlsplit(answer.headers["location"]).query) == {"to": [page]}
    assert client.get("/api/v1/search").status_code == 401
    assert client.get("/metrics").status_code == 401
    assert client.get("/openapi.json", follow_redirects=False).status_code in (303, 401)
    assert signed_in(guarded, "reader").get("/openapi.json").json()["paths"]
    assert client.get("/static/desk.css").status_code == 200


def test_a_reader_reads_and_an_analyst_corrects(guarded: Home) -> None:
    reader, analyst = signed_in(guarded, "reader"), signed_in(guarded, "analyst")
    assert "退款" in reader.get("/search?q=退款").text
    assert reader.post("/correct", data=correction(reader)).status_code == 403
    assert "只能看" in reader.get("/correct").text
    assert analyst.post("/correct", data=correction(analyst)).status_code == 200
    form = {"name": "x", "password": PASSWORD, "role": "admin", "token": token_of(analyst)}
    assert analyst.post("/settings/accounts", data=form).status_code == 403
    one = documents()[0]
    assert reader.get(f"/documents/{one.id}.json").json()["polarity"] == "neu"
    [entry, *_] = signed_in(guarded, "admin").get("/audit.json").json()[1:]
    assert (entry["who"], entry["act"], entry["target"]) == ("analyst", "correct", one.id)


def test_a_session_ends(guarded: Home) -> None:
    state = State.open(guarded)
    token = book.begin(state, book.Account("reader", "reader"), NOW)
    assert book.account_of(state, token, NOW)
    assert book.account_of(state, token, NOW + book.LIFE + timedelta(seconds=1)) is None
    client = signed_in(guarded, "reader")
    client.post("/logout", data={"token": token_of(client)})
    assert client.get("/", follow_redirects=False).status_code == 303
    book.remove(state, "reader")
    assert book.account_of(state, token, NOW) is None


def password(client: TestClient, **changes: str) -> dict[str, str]:
    new = "another long password"
    return {"old": PASSWORD, "new": new, "again": new, "token": token_of(client)} | changes


@pytest.mark.parametrize("name", ["reader", "admin"])
def test_anybody_changes_the_password_of_their_own(guarded: Home, name: str) -> None:
    state = State.open(guarded)
    elsewhere, another = (book.begin(state, book.Account(one, one), NOW) for one in (name, "analyst"))
    client = signed_in(guarded, name)
    assert 'action="/settings/password"' in client.get("/settings").text
    assert "密码已改" in client.post("/settings/password", data=password(client)).text  # and still signed in
    assert book.check(state, name, PASSWORD) is None
    assert book.check(state, name, "another long password") == book.Account(name, name)
    assert book.account_of(state, elsewhere, NOW) is None
    assert book.account_of(state, another, NOW) is not None
    entry = next(one for one in signed_in(guarded, "analyst").get("/audit.json").json() if one["who"] == name)
    assert (entry["act"], entry["target"]) == ("password", name)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"old": "a wrong password"}, "现在的密码不对"),
        ({"again": "some other password"}, "两遍新密码不一样"),
        ({"new": "short", "again": "short"}, "密码不到"),
    ],
)
def test_a_password_that_cannot_be_changes_nothing(guarded: Home, changes: dict[str, str], told: str) -> None:
    client = signed_in(guarded, "reader")
    answer = client.post("/settings/password", data=password(client, **changes))
    assert answer.status_code == 400 and told in answer.text
    assert book.check(State.open(guarded), "reader", PASSWORD)


def test_an_old_password_is_not_guessed_in_a_session_either(guarded: Home) -> None:
    client = signed_in(guarded, "reader")
    wrong = password(client, old="a wrong password")
    told = [client.post("/settings/password", data=wrong).status_code for _ in range(6)]
    assert told == [400] * 5 + [429]
    assert client.post("/settings/password", data=password(client)).status_code == 429


def test_an_admin_removes_an_account_and_its_sessions(guarded: Home) -> None:
    state = State.open(guarded)
    session = book.begin(state, book.Account("reader", "reader"), NOW)
    analyst = signed_in(guarded, "analyst")
    form = {"name": "reader", "token": token_of(analyst)}
    assert analyst.post("/settings/accounts/remove", data=form).status_code == 403
    assert 'action="/settings/accounts/remove"' not in analyst.get("/settings").text
    admin = signed_in(guarded, "admin")
    form["token"] = token_of(admin)
    assert "已移除 reader" in admin.post("/settings/accounts/remove", data=form).text
    assert book.account_of(state, session, NOW) is None and book.check(state, "reader", PASSWORD) is None
    [entry, *_] = admin.get("/audit.json").json()
    assert (entry["who"], entry["act"], entry["target"]) == ("admin", "remove account", "reader")
    assert "没有账号" in admin.post("/settings/accounts/remove", data=form).text
    shown, read = admin.get("/audit").text, admin.get("/audit", params={"lang": "en"}).text
    assert ">删账户<" in shown and ">remove account<" in read and "remove account" not in shown


def test_another_password_leaves_the_role_and_a_new_account_needs_one(guarded: Home) -> None:
    admin, state = signed_in(guarded, "admin"), State.open(guarded)
    roles = html.fromstring(admin.get("/settings").text).get_element_by_id("role")
    assert roles.value == "" and set(roles.value_options) == {"", *book.ROLES}
    form = {"name": "analyst", "password": "quite another one", "role": "", "token": token_of(admin)}
    assert "analyst" in admin.post("/settings/accounts", data=form).text
    assert book.check(state, "analyst", "quite another one") == book.Account("analyst", "analyst")
    answer = admin.post("/settings/accounts", data=form | {"name": "new"})
    assert answer.status_code == 400 and "新账号要有一个角色。" in answer.text
    assert "new" not in {one.name for one in book.everyone(state)}
    own = form | {"name": "admin"}
    assert admin.post("/settings/accounts", data=own, follow_redirects=False).status_code == 303
    assert book.check(state, "admin", "quite another one") == book.Account("admin", "admin")


def test_the_last_admin_stays_one(guarded: Home) -> None:
    admin, state = signed_in(guarded, "admin"), State.open(guarded)
    form = {"name": "admin", "password": PASSWORD, "role": "reader", "token": token_of(admin)}
    for path in ("/settings/accounts/remove", "/settings/accounts"):
        answer = admin.post(path, data=form)
        assert answer.status_code == 400 and "是唯一的管理员" in answer.text
    assert book.check(state, "admin", PASSWORD) == book.Account("admin", "admin")
    book.add(state, "second", PASSWORD, "admin", NOW)
    assert admin.post("/settings/accounts/remove", data=form, follow_redirects=False).status_code == 303
    assert [one.name for one in book.everyone(state) if one.role == "admin"] == ["second"]


def test_passwords_are_not_kept_and_wrong_ones_wait(guarded: Home) -> None:
    client = client_of(guarded, accounts=True)
    form = {"name": "admin", "password": "wrong password", "token": token_of(client, "/login")}
    told = [client.post("/login", data=form).status_code for _ in range(6)]
    assert told == [401] * 5 + [429]
    assert client.post("/login", data=form | {"password": PASSWORD}).status_code == 429
    assert PASSWORD.encode() not in (guarded.var / "state.db").read_bytes()


def test_a_sign_in_never_leads_elsewhere(guarded: Home) -> None:
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        client = client_of(guarded, accounts=True)
        form = {"name": "admin", "password": PASSWORD, "token": token_of(client, "/login"), "to": to}
        assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    good = correction(client)
    assert client.post("/correct", data=good | {"token": ""}).status_code == 403
    assert client.post("/correct", data=good | {"token": "guessed"}).status_code == 403
    assert client.post("/correct", data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/correct", data=good, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_a_correction_is_kept_and_undone(client: TestClient) -> None:
    one = documents()[0]
    page = client.post("/correct", data=correction(client, polarity="pos", note="说反话")).text
    assert "已记下" in page and "撤销" in page
    now = client.get(f"/documents/{one.id}.json").json()
    assert now["polarity"] == "pos" and now["negative_hosts"] == [] and now["issues"] == []
    client.post("/correct/undo", data={"document": one.id, "token": token_of(client)})
    then = client.get(f"/documents/{one.id}.json").json()
    assert now["corrected_by"] and not then["corrected_by"]  # judged anew, as if nobody had said anything


def test_what_cannot_be_is_told(client: TestClient) -> None:
    for changes in ({"polarity": "angry"}, {"document": "0" * 32}, {"issue": "C99"}):
        answer = client.post("/correct", data=correction(client, **changes))
        assert answer.status_code in (400, 404) and "<h1>" in answer.text


def test_nobody_listens_beyond_this_machine_without_accounts(home: Home) -> None:
    with pytest.raises(UsageError, match="no account"):
        serving.bind(home, "0.0.0.0", 0)
    book.add(State.open(home), "admin", PASSWORD, "admin", NOW)
    bound = serving.bind(home, "0.0.0.0", 0, ["desk.example"])
    try:
        assert bound.app.state.desk.accounts
        assert bound.url.startswith("http://desk.example:") and "proxy with TLS" in bound.said
    finally:
        bound.socket.close()


def test_a_name_of_outside_needs_accounts_though_it_listens_here(home: Home) -> None:
    with pytest.raises(UsageError, match=r"by desk\.example, and this home has no account"):
        serving.bind(home, "127.0.0.1", 0, ["desk.example"])
    (home.root / "fengping.toml").write_text('[serve]\npublic_url = "https://desk.example"\n', "utf-8")
    told = Home.open(home.root)
    with pytest.raises(UsageError, match=r"by desk\.example"):
        serving.bind(told, "127.0.0.1", 0)
    book.add(State.open(told), "admin", PASSWORD, "admin", NOW)
    for names in ([], ["desk.example"]):
        bound = serving.bind(told, "127.0.0.1", 0, names)
        bound.socket.close()
        assert bound.app.state.desk.accounts
        assert bound.url.startswith("http://127.0.0.1:") and not bound.said
    bound = serving.bind(home, "127.0.0.1", 0, ["desk.localhost"])
    bound.socket.close()
    assert not bound.app.state.desk.accounts


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"])
def test_what_a_proxy_hands_on_is_refused_without_accounts(stocked: Home, guarded: Home, header: str) -> None:
    handed = {header: "203.0.113.9"}
    refused = client_of(stocked).get("/", headers=handed)
    assert refused.status_code == 403 and "fengping account add" in refused.text
    assert client_of(guarded, accounts=True).get("/login", headers=handed).status_code == 200


@pytest.mark.parametrize(("proxies", "trusted"), [('["127.0.0.0/8"]', True), ('["10.0.0.2"]', False)])
def test_a_named_proxy_is_believed_who_asks_and_that_it_was_over_tls(
    guarded: Home, proxies: str, trusted: bool
) -> None:
    (guarded.root / "fengping.toml").write_text(f"[serve]\nproxies = {proxies}\n", encoding="utf-8")
    bound = serving.bind(Home.open(guarded.root), "127.0.0.1", 0, ["desk.example"])
    threading.Thread(target=bound.run, daemon=True).start()
    handed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    with httpx2.Client(base_url=bound.url, headers=handed) as client:
        token = client.get("/login").cookies["fp_token"]
        form = {"name": "admin", "password": PASSWORD, "token": token}
        answer = client.post("/login", data=form, headers={"cookie": f"fp_token={token}"})
    assert answer.status_code == 303
    session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("fp_session="))
    assert ("Secure" in session) == trusted
    assert "HttpOnly" in session and "SameSite=lax" in session  # so that a link in a mail opens


def test_an_address_of_a_proxy_that_is_none_is_told(home: Home) -> None:
    (home.root / "fengping.toml").write_text('[serve]\nproxies = ["proxy.example"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"proxy.example.*no address of a proxy: write 10.0.0.2"):
        _ = Home.open(home.root).config


def test_a_port_in_use_is_told(home: Home) -> None:
    bound = serving.bind(home, "127.0.0.1", 0)
    try:
        with pytest.raises(UsageError, match="cannot be had"):
            serving.bind(home, "127.0.0.1", bound.socket.getsockname()[1])
    finally:
        bound.socket.close()


def test_answers_are_sent_at_once(home: Home) -> None:
    # An event loop turns the collecting of small pieces off where a socket says that it speaks TCP.
    bound = serving.bind(home, "127.0.0.1", 0)
    try:
        assert bound.socket.proto == socket.IPPROTO_TCP
    finally:
        bound.socket.close()


BAD = [
    ("", PASSWORD, "reader"),
    ("a b", PASSWORD, "reader"),
    ("a", "short", "reader"),
    ("a", PASSWORD, "king"),
]


@pytest.mark.parametrize(("name", "password", "role"), BAD)
def test_bad_accounts_are_refused(home: Home, name: str, password: str, role: str) -> None:
    with pytest.raises(UsageError):
        book.add(State.open(home), name, password, role, NOW)


def test_the_log_keeps_a_long_list_whole(stocked: Home) -> None:
    state, ids = State.open(stocked), ", ".join(f"{n:032x}" for n in range(9))
    book.note(state, "甲", "tag", ids, "待核实", NOW)
    [entry] = book.written(state, 1)[1]
    assert entry.detail == f"{ids} 待核实"
    assert ids.startswith(entry.target[:-1]) and entry.target.endswith("…")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def state(request: pytest.FixtureRequest, home: Home) -> State:
    """One in SQLite, then one in PostgreSQL."""
    if request.param == "postgresql":
        url = postgres.database(request.getfixturevalue("postgres_server"))
        home.config_file.write_text(f'state = "{url}"\n', encoding="utf-8")
    return State.open(Home.open(home.root))


def test_of_sixty_guesses_at_once_five_are_tested(state: State) -> None:
    wanted, begin = throttle.budgets("admin", "203.0.113.9", ""), threading.Barrier(60)

    def guess(_: int) -> bool:
        begin.wait()
        return not throttle.take(state, wanted, NOW)

    with ThreadPoolExecutor(60) as pool:
        assert sum(pool.map(guess, range(60))) == 5


def test_waits_double_bound_each_address_and_each_account_and_are_forgotten(state: State) -> None:
    def tested(hours: int, *tries: tuple[str, str]) -> int:
        at = NOW + timedelta(hours=hours)
        return sum(not throttle.take(state, throttle.budgets(*one, ""), at) for one in tries)

    assert tested(0, *[(f"name {n}", "203.0.113.9") for n in range(60)]) == 20, "one address, many accounts"
    assert tested(0, *[("admin", f"198.51.100.{n}") for n in range(200)]) == 100, (
        "one account, many addresses"
    )
    assert tested(0, *[("analyst", f"2001:db8:0:1::{n:x}") for n in range(60)]) == 5, (
        "a network of one machine"
    )
    assert tested(1, *[("analyst", "2001:db8:0:1::1")] * 9) == 1, "after the wait one more"
    assert tested(40, *[("analyst", "2001:db8:0:1::1")] * 9) == 5, "a day later all is forgotten"
    budget = throttle.own_budget("analyst")
    waits = [throttle.take(state, budget, NOW + timedelta(hours=n)) for n in range(20)]
    assert not any(waits)
    wait = throttle.take(state, budget, NOW + timedelta(hours=19))
    assert wait == throttle.LONGEST
    assert not throttle.take(state, budget, NOW - timedelta(days=9)), "a wait that a wrong clock set is void"
    throttle.passed(state, budget)
    assert not throttle.take(state, budget, NOW + timedelta(hours=19))


def knock(client: TestClient, address: str, word: str, cookies: dict[str, str] | None = None) -> Any:
    """A sign-in as admin from *address*."""
    there = TestClient(
        client.app,
        base_url="http://127.0.0.1",
        client=(address, 50000),
        cookies=cookies,
        follow_redirects=False,
    )
    form = {"name": "admin", "password": word, "token": token_of(there, "/login")}
    return there.post("/login", data=form)


def test_wrong_tries_of_others_lock_nobody_out(guarded: Home) -> None:
    client = client_of(guarded, accounts=True)
    first = knock(client, "198.51.100.7", PASSWORD)
    device = {"fp_device": first.cookies["fp_device"]}
    said = first.headers.get_list("set-cookie")
    assert any("fp_device=" in one and "HttpOnly" in one and "Path=/login" in one for one in said)
    assert [knock(client, "203.0.113.9", "wrong").status_code for _ in range(8)] == [401] * 5 + [429] * 3
    assert knock(client, "198.51.100.8", PASSWORD).status_code == 303, "at another address"
    assert knock(client, "203.0.113.9", PASSWORD).status_code == 429
    assert knock(client, "203.0.113.9", PASSWORD, device).status_code == 303, "a browser that is known"
    told = [knock(client, "192.0.2.1", "wrong", device).status_code for _ in range(6)]
    assert told == [401] * 5 + [429], "which has a budget of its own"
    forged = {"fp_device": device["fp_device"][:-1] + "0"}, {"fp_device": "x." + "0" * 64}, {"fp_device": ""}
    assert [knock(client, "203.0.113.9", PASSWORD, one).status_code for one in forged] == [429] * 3


def test_a_browser_is_known_until_the_password_changes(guarded: Home) -> None:
    client = client_of(guarded, accounts=True)
    device = {"fp_device": knock(client, "198.51.100.7", PASSWORD).cookies["fp_device"]}
    for _ in range(5):
        knock(client, "203.0.113.9", "wrong")
    assert knock(client, "203.0.113.9", PASSWORD, device).status_code == 303
    other = "quite another password"
    book.change_password(State.open(guarded), "admin", other, "")
    assert knock(client, "203.0.113.9", other, device).status_code == 429
    assert knock(client, "198.51.100.8", other, device).status_code == 303


@pytest.mark.parametrize(
    "word",
    ["short", "123456789012", "Passw0rd!2026", "qwertyuiop12", "woaini1314520", "liming19850312",
     "zhouzhou.2026", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc", "zhangsan@123456", "ADMIN-admin-1234",
     "chocolate123", "Company2024!", "trustno1trustno1", "liverpoolarsenal", "wangxiaoming1990",
     "liwei@douyin2025", "Liverpool1892!", "sunshine-monkey-dragon", "--------------"],
)  # fmt: skip
def test_a_password_that_is_tried_first_is_refused_and_the_sentence_says_why(home: Home, word: str) -> None:
    with pytest.raises(UsageError, match=r"shorter than 12|easy to guess: 10\^\d\.\d guesses find it"):
        book.add(State.open(home), "zhou", word, "reader", NOW)


@pytest.mark.parametrize(
    "word",
    ["kx93-Plum-veto", "正确马电池订书钉雨伞楼梯", "r7Kq2mZp9Lw4", "8f3e2a9c1b7d4e60",
     "kx93-Plum-veto " * 60, "correcthorsebatterystaple"],
)  # fmt: skip
def test_a_password_of_chance_or_of_words_is_taken(home: Home, word: str) -> None:
    assert book.add(State.open(home), "zhou", word, "reader", NOW)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://127.0.0.1"}, 200),
        ({"origin": "https://desk.example"}, 200),
        ({}, 200),
        ({"origin": "http://127.0.0.1:3000"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://127.0.0.1", "sec-fetch-site": "same-site"}, 403),
    ],
)
def test_the_origin_is_looked_at_where_the_browser_does_not_say_the_site(
    stocked: Home, headers: dict[str, str], status: int
) -> None:
    stocked.config_file.write_text('[serve]\npublic_url = "https://desk.example"\n', encoding="utf-8")
    client = client_of(Home.open(stocked.root))
    assert client.post("/correct", data=correction(client), headers=headers).status_code == status
