"""The posts of the trend tests, asked through the SDK's own client."""

from tests.trends.conftest import filled, run

__all__ = ["filled", "run"]
