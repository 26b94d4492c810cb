"""Reading a TOML file into a frozen pydantic model, every mistake told in one sentence."""

from __future__ import annotations

import tomllib
import typing
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from fengping.errors import ConfigError, did_you_mean
from fengping.toml_lines import Place, at


class Strict(BaseModel):
    """Base of every table in a TOML file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=BaseModel)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises :class:`ConfigError` where it is missing or not TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from None
    return parse_toml(text, path)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The tables of a text that is, or is to be, the file *path*; raises as :func:`read_toml`."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None


def load_toml(model: type[M], path: Path) -> M:
    """A TOML file as *model*; raises :class:`ConfigError` with file, line, key and what is wrong."""
    return validate(model, read_toml(path), Place(path))


def validate(model: type[M], data: dict[str, Any], where: str | Place) -> M:
    """*data* as *model*; raises :class:`ConfigError` naming *where*, the first bad key and the remedy."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(explain(error, model, where)) from None


def explain(error: ValidationError, model: type[BaseModel], where: str | Place) -> str:
    """The first fault of a pydantic error as one sentence, with a suggestion for an unknown key."""
    first = error.errors()[0]
    return f"{at(where, *first['loc'])}: {_said(first, model)}"


def _said(first: ErrorDetails, model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        known = _fields_at(model, first["loc"][:-1])
        return f"unknown key {path!r}. {did_you_mean(key, known)}"
    if first["type"] == "missing":
        return f"the key {path!r} is missing."
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{path}: {message}." if path else f"{message}."


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Field names of the table that *path* leads to (list positions and union tags are stepped over)."""
    current: Any = model
    for part in path:
        for candidate in _models_in(current):
            if part in candidate.model_fields:
                current = candidate.model_fields[str(part)].annotation
                break
    return sorted({name for candidate in _models_in(current) for name in candidate.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for argument in typing.get_args(annotation) for m in _models_in(argument)]
