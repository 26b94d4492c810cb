"""The owner's files that a service works by: the last ones that could be read, copied for all its commands.

A copy stands in ``var/in-force/DIGEST/``. A file that has become unreadable is in it as it was before, so
that a typo changes nothing for any job; :mod:`fengping.scheduler.faults` says what is wrong with it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

import structlog

from fengping.config import CONFIG_NAME
from fengping.durable import write_whole
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.scheduler.faults import SOURCES, TOGETHER, check_together, faults, names

log = structlog.get_logger()

FOLDER = "in-force"
_STALE = 7 * 86_400.0
"""Seconds after which a copy that no service works by goes: a command that began with it has long ended."""


class InForce:
    """The files of one home, for the service that runs it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        """The home by the files that hold; those of its folder until they are first taken."""
        self.faults: dict[str, str] = {}
        """Sentence on each file of the folder that does not hold, by its name."""
        self._files: dict[str, bytes] = {}
        self._seen: dict[str, bytes] = {}

    def take(self) -> Home:
        """Takes up the files as they stand in the folder now; one that cannot be used stays as it was before.

        A service that starts goes on with what last held; a file that never did is left out. Raises the fault
        of the first file where no files ever held, but for a source, which hides no others.
        """
        root = self.home.root
        seen = {name: content for name in names(root) if (content := _read(root / name)) is not None}
        if self._files and seen == self._seen and not self.faults:
            self._keep()
            return self.home
        found = faults(root)
        if found and not self._files:
            self._recall(found)
        good = {name: content for name, content in seen.items() if name not in found}
        before = {name: self._files[name] for name in found if name in self._files}
        if TOGETHER not in found:
            found |= self._put(good | before)
        if found and found != self.faults:
            log.warning("files of the home are not in force", faults=list(found.values()))
        self._seen, self.faults = seen, found
        self._keep()
        return self.home

    def _recall(self, found: dict[str, str]) -> None:
        """Lets the last copy hold, for a start at night must not end with a file that was mistyped by day."""
        root = self.home.root
        copy = last_copy(root)
        if copy is not None and not faults(root, copy):
            self.home = Home(root, copy)
            self._files = {name: (copy / name).read_bytes() for name in names(copy)}
            return
        for name, sentence in found.items():
            if not name.startswith(SOURCES):
                raise ConfigError(sentence)

    def _put(self, files: dict[str, bytes]) -> dict[str, str]:
        """Lets *files* hold; the fault under which the ones before them go on holding.

        Where they cannot be copied, they are tried again at the next round.
        """
        root = self.home.root
        try:
            home = Home(root, _written(root, files))
        except OSError as error:
            # A full disk must not keep a service from starting. What is read then are the files themselves.
            log.warning("the files in force cannot be copied", reason=str(error))
            if not self._files:
                return {}
            return {TOGETHER: f"The files cannot be copied to var/{FOLDER}: {error.strerror}."}
        try:
            check_together(home)
        except (ConfigError, UsageError) as error:
            sentence = str(error).replace(str(home.files), str(root))
            if not self._files:
                raise ConfigError(sentence) from None
            return {TOGETHER: sentence}
        self.home, self._files = home, files
        return {}

    def _keep(self) -> None:
        """Marks the copy as in use, also makes it again, and removes those of long ago."""
        if self.home.in_force is None:
            return
        with suppress(OSError):
            _written(self.home.root, self._files)
            os.utime(self.home.in_force)
            for other in self.home.in_force.parent.iterdir():
                if time.time() - other.stat().st_mtime > _STALE:
                    shutil.rmtree(other, ignore_errors=True)


def open_watched(root: Path) -> Home:
    """The home, by the files that last held where those of its folder cannot be read.

    Raises :class:`ConfigError` where there is no home, or none was ever run.
    """
    try:
        return Home.open(root)
    except ConfigError:
        root = root.absolute()
        copy = last_copy(root)
        if copy is None:
            raise
        return Home(root, copy)


def last_copy(root: Path) -> Path | None:
    """The folder of the files that last held in the home *root*; None where none ever did."""
    found = [path.parent for path in (root / "var" / FOLDER).glob(f"*/{CONFIG_NAME}")]
    copies = [path for path in found if path.suffix != ".part"]
    return max(copies, key=lambda path: path.stat().st_mtime, default=None)


def _read(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _written(root: Path, files: dict[str, bytes]) -> Path:
    """The folder that holds a copy of *files*, whole."""
    digest = hashlib.blake2b(digest_size=8)
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    folder = root / "var" / FOLDER / digest.hexdigest()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.part")
    for name, content in files.items():
        (part / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(part / name, content)
    try:
        part.rename(folder)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not folder.is_dir():  # else another service of this home was quicker
            raise
    return folder
