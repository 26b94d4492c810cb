"""The one error tree.

    FengpingError            anything a person can mend; one sentence, exit code 2
    ├── UsageError           an option, a date, a column that is not there
    ├── ConfigError          a TOML file or the environment says something that cannot be
    ├── NotInstalled         a browser, font or package that is missing
    ├── HomeBusy             a second process on the same home
    ├── ForeignHome          a store, state or journal that belongs to another home
    ├── SchemaTooNew         written by a newer fengping
    ├── StoreError           the store refused
    │   ├── StoreDown        the store does not answer: wait and run again, nothing is lost
    │   └── Clash            another process wrote the same row first
    ├── Damaged              a file of the home cannot be read any more: exit code 1
    └── Failed               work was done and came out bad: exit code 1

Adapters translate driver errors with ``raise … from``; programming errors pass through untouched.
"""

from __future__ import annotations

import difflib
import errno
import os
import pwd
from collections.abc import Iterable, Sequence
from pathlib import Path

UPGRADE = "Upgrade in the folder of the newer source code: pip install . -c constraints.txt"


class FengpingError(Exception):
    """Base of all errors that a person can mend. The message names the thing and the remedy."""

    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(FengpingError):
    """An option, date, column or name that does not exist."""


class ConfigError(FengpingError):
    """A configuration, source or rule file that cannot be used."""


class NotInstalled(FengpingError):
    """Something outside Python is missing: a browser, a font."""


class HomeBusy(FengpingError):
    """Another process already works on this home."""


class ForeignHome(FengpingError):
    """A store, state database or group folder that another home writes to."""

    def __init__(self, what: str, owner: str, ours: str) -> None:
        super().__init__(
            f"{what} belongs to another home (identity {owner}, this one is {ours}).",
            remedy="Give this home one of its own in fengping.toml; if it is this home's after all, write "
            "that identity into var/identity.",
        )


class SchemaTooNew(FengpingError):
    """State, index or journal was written by a newer version of fengping."""


class StoreError(FengpingError):
    """The document store refused a request."""

    exit_code = 1


class StoreDown(StoreError):
    """The document store does not answer. The cursor holds; running again loses and doubles nothing."""


class Clash(StoreError):
    """Another process has written a row of the same name; nothing of the transaction was kept."""


class Damaged(FengpingError):
    """A file of the home cannot be read any more, or holds something else than was written."""

    exit_code = 1


class Failed(FengpingError):
    """The work ran to its end and the outcome is not what was asked."""

    exit_code = 1


def install(extra: str) -> str:
    """The remedy for a missing extra: from the source code, for the name on an index may be another's."""
    return f"In the folder of the source code run: pip install -c constraints.txt '.[{extra}]'"


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Those of *known* that are nearest to *word*: all that are equally near, at most so many, or none."""
    matcher, found = difflib.SequenceMatcher(b=word), dict[str, float]()
    for name in sorted({*map(str, known)}):
        matcher.set_seq1(name)
        # Of two characters, as most Chinese names have, one may be wrong.
        if matcher.real_quick_ratio() >= _near(word) and (ratio := matcher.ratio()) >= _near(word):
            found[name] = ratio
    best = max(found.values(), default=0.0)
    return [name for name, ratio in found.items() if ratio == best][:most]


def _near(word: str) -> float:
    return 0.6 if len(word) > 2 else 0.5


def meant(names: Sequence[str]) -> str:
    """``Did you mean x, y or z?``"""
    *others, last = names
    before = f"{', '.join(others)} or " if others else ""
    return f"Did you mean {before}{last}?"


def changed_meanwhile(name: str) -> UsageError:
    """The refusal of what would write over another's change of *name*."""
    return UsageError(
        f"{name} was changed meanwhile; nothing was written.",
        remedy="Look at it again, and repeat what is still wanted.",
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` for the nearest of *known*, or a list of them when none is near.

    Nothing where there are none.
    """
    names = sorted(map(str, known))
    if not names:
        return ""
    near = difflib.get_close_matches(word, names, n=1, cutoff=_near(word))
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(names)}."


def told(error: Exception) -> str:
    """The refusal of the system, with the file and, where it is another user's, the owner."""
    if not isinstance(error, OSError):
        return f"{type(error).__name__}: {error}"
    named = error.filename2 or error.filename
    if named is None:
        return f"{type(error).__name__}: {error}"
    said = f"{named} cannot be read or written: {error.strerror or error}"
    return f"{said}; {whose}" if (whose := foreign(Path(str(named)), error)) else said


def way_out(error: OSError, path: Path) -> str:
    """The beginning of a remedy: what lets *path* be read and written again; empty where no rule says."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Make room"
    if foreign(path, error):
        return f"chown -R {user_name(os.geteuid())} the home"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Give the folder back its permissions"
    return ""


def foreign(path: Path, error: OSError | None = None) -> str:
    """``PATH belongs to USER``, of the nearest that can be looked at; empty where it is this user's own.

    With *error*, empty for one that is not about permissions.
    """
    if error is not None and error.errno not in (errno.EACCES, errno.EPERM):
        return ""
    for one in (path, *path.parents):
        try:
            owner = one.lstat().st_uid
        except OSError:
            continue
        return "" if owner == os.geteuid() else f"{one} belongs to {user_name(owner)}"
    return ""


def user_name(number: int) -> str:
    """The name of a user of this machine, or its number where it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
