"""Settings out of the environment, before those of a file."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from fengping.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


@functools.cache
def settings(model: type[M], prefix: str) -> type[M]:
    """*model* that takes what the environment says before its arguments; ``__`` steps into a table."""

    class Settings(BaseSettings, model):  # type: ignore[valid-type, misc]
        model_config = SettingsConfigDict(env_prefix=prefix, env_nested_delimiter="__")

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, init_settings

    return Settings


def read(model: type[M], prefix: str, data: dict[str, Any]) -> M:
    """*data* under the environment; raises :class:`ConfigError` for a variable that should hold JSON."""
    try:
        found: M = settings(model, prefix)(**data)
    except SettingsError:
        names = ", ".join(_unreadable(model, prefix)) or f"A variable {prefix}…"
        raise ConfigError(f"{names} cannot be read.", remedy='Write a list as JSON: ["10.0.0.2"].') from None
    return found


def _unreadable(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Variables of lists and tables that hold no JSON."""
    for name, value in sorted(os.environ.items()):
        if name.upper().startswith(prefix) and not _is_json(value):
            wanted = _annotation(model, name[len(prefix) :].lower().split("__"))
            if get_origin(wanted) in (tuple, dict) or hasattr(wanted, "model_fields"):
                yield name


def _annotation(model: Any, path: list[str]) -> Any:
    """The type of the key that *path* leads to; ``None`` where it leads nowhere."""
    for part in path:
        fields = getattr(model, "model_fields", {})
        model = fields[part].annotation if part in fields else None
    return model


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
