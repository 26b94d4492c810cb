"""What comes to pass while a call of the product is at work: another writes, it fails, the clock is off."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def during(
    owner: Any, name: str, act: Callable[[], object], *, call: int = 1, after: bool = False
) -> Iterator[None]:
    """Runs *act* once: before the call of ``owner.name`` of that number, or *after* it.

    An *act* that raises is a process that ends there.
    """
    real, calls = getattr(owner, name), itertools.count(1)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        is_it = next(calls) == call
        if is_it and not after:
            act()
        result = real(*arguments, **options)
        if is_it and after:
            act()
        return result

    with mock.patch.object(owner, name, interrupted):
        yield


@contextmanager
def failing(owner: Any, name: str, error: BaseException) -> Iterator[None]:
    """Every call of ``owner.name`` raises *error*."""

    def fails(*_: Any, **__: Any) -> Any:
        raise error

    with mock.patch.object(owner, name, fails):
        yield


@contextmanager
def noted(owner: Any, name: str) -> Iterator[list[tuple[Any, ...]]]:
    """The arguments of each call of ``owner.name``, which works as ever."""
    real, calls = getattr(owner, name), list[tuple[Any, ...]]()

    def notes(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return real(*arguments, **options)

    with mock.patch.object(owner, name, notes):
        yield calls


@contextmanager
def clock_ahead(seconds: float) -> Iterator[None]:
    """The clock of the machine is ahead by so much."""
    real = time.time
    with mock.patch.object(time, "time", lambda: real() + seconds):
        yield
