"""Saved logins: made by the user's own hand in a visible browser, kept readable by the user alone."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, async_playwright

from fengping.chromium import find_chromium, launch_arguments
from fengping.errors import NotInstalled, UsageError
from fengping.home import Home
from fengping.spiders.framework import FilteringProxy

_COOKIE = ("name", "value", "domain")


def session_path(home: Home, name: str) -> Path:
    return home.var / "sessions" / f"{name}.json"


def session_file(home: Home, name: str) -> Path:
    """The saved state of a login; raises :class:`UsageError` where there is none yet."""
    path = session_path(home, name)
    if not path.exists():
        raise UsageError(
            f"Unknown saved login {name!r}.", remedy=f"Log in with: fengping source login {name}"
        )
    return path


async def login(
    home: Home, name: str, url: str, until: Callable[[Page], Awaitable[None]], proxy: FilteringProxy, *,
    visible: bool = True,
) -> Path:  # fmt: skip
    """Opens *url* in a visible browser behind *proxy*, waits for *until* (the user is done), saves the state.

    What was saved before is loaded first, so that a login can be renewed. Raises :class:`NotInstalled`
    where no window can be shown, :class:`UsageError` where the window was closed before the end.
    """
    path = session_path(home, name)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(),
                args=launch_arguments(proxy.url),
                headless=not visible,
                chromium_sandbox=False,
            )
        except BrowserError as error:
            raise NotInstalled(
                "No browser window can be shown here.",
                remedy=f"Log in on a machine with a screen and copy {path.name} into {path.parent}.",
            ) from error
        context = await browser.new_context(locale="zh-CN", storage_state=path if path.exists() else None)
        page = await context.new_page()
        try:
            await page.goto(url)
            await until(page)
            state = await context.storage_state()
        except BrowserError as error:
            raise UsageError(
                "The browser was closed before the login was saved.",
                remedy="Leave the window open and confirm in the terminal.",
            ) from error
        await browser.close()
    save_session(path, json.dumps(state))
    return path


def save_session(path: Path, state: str) -> None:
    """Writes a state so that nobody else can read it at any moment, not even while it is written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(state)
    partial.replace(path)


def take(home: Home, name: str, site: str, file: Path) -> Path:
    """Saves the state that stands in *file*; raises :class:`UsageError` where it is none for *site*."""
    remedy = "Save one on a machine with a screen: fengping source login, or Playwright's storage_state."
    try:
        state = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", remedy=remedy) from None
    except ValueError:
        raise UsageError(f"{file} is no saved browser state: it is not JSON.", remedy=remedy) from None
    cookies = state.get("cookies") if isinstance(state, dict) else None
    if not isinstance(cookies, list) or not all(_is_cookie(cookie) for cookie in cookies):
        raise UsageError(f"{file} is no saved browser state: it has no list of cookies.", remedy=remedy)
    domains = {cookie["domain"].lstrip(".").lower() for cookie in cookies}
    host = (urlsplit(site).hostname or "").removeprefix("www.")
    if not any(_related(host, domain) for domain in domains):
        raise UsageError(f"{file} holds no cookie of {host}.", remedy=f"Log in at {site} and save it again.")
    path = session_path(home, name)
    kept = {"cookies": cookies, "origins": state.get("origins", [])}
    save_session(path, json.dumps(kept))
    return path


def _is_cookie(cookie: object) -> bool:
    return isinstance(cookie, dict) and all(isinstance(cookie.get(key), str) for key in _COOKIE)


def _related(host: str, domain: str) -> bool:
    """True if a cookie of *domain* is sent to *host*, or to another host of the same site."""
    return host == domain or host.endswith(f".{domain}") or domain.endswith(f".{host}")
