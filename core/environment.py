"""Settings out of the environment, before those of a file."""

from __future__ import annotations

import functools
from typing import TypeVar

from pydantic import BaseModel
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

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
