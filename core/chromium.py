"""Finding Chromium: for rendered pages and for printing PDF."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fengping.errors import NotInstalled

NAMES = ("chromium", "chromium-browser", "google-chrome")

# Without these a headless Chromium calls home at every start, which a monitor must not.
QUIET_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)

_NOTHING_BESIDE = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


def find_chromium() -> str:
    """Path of Chromium: ``FENGPING_CHROMIUM``, then the PATH, then Playwright's own download.

    Raises :class:`NotInstalled` where there is none.
    """
    named = os.environ.get("FENGPING_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise NotInstalled(
                f"FENGPING_CHROMIUM names {named}, which does not exist.",
                remedy="Name the program of an installed Chromium, or unset the variable.",
            )
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True):
        return str(path)
    raise NotInstalled(
        "Chromium is not installed.", remedy="apt-get install chromium, or playwright install chromium."
    )


def has_chromium() -> bool:
    """True where :func:`find_chromium` finds one."""
    try:
        return bool(find_chromium())
    except NotInstalled:
        return False


def launch_arguments(proxy: str = "") -> list[str]:
    """Command-line switches for a headless Chromium of ours; as root its sandbox cannot work.

    With a *proxy* (``http://127.0.0.1:PORT``) everything goes through it, loopback too; no name is looked up
    beside it, and WebRTC sends no UDP.
    """
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [*QUIET_ARGUMENTS, *sandbox, *([f"--proxy-server={proxy}", *_NOTHING_BESIDE] if proxy else [])]
