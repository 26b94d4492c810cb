"""The MCP server of a home: eleven tools, all of them reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations
from pydantic import ValidationError

from fengping import __version__
from fengping.errors import did_you_mean
from fengping.home import Home
from fengping.visible import visible
from fengping.web.mcp.answers import NOTICE
from fengping.web.mcp.base import Desk
from fengping.web.mcp.counting import Counting
from fengping.web.mcp.knowing import Knowing

CONSOLE = "http://127.0.0.1:8300"
"""The console as ``serve`` opens it on this machine."""
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = (
    "Public opinion about livestream selling (直播带货), collected by this home. Resolve dates first. Quote "
    "each number with its n, its query and its link, and say where coverage is unknown or days are missing. "
    f"An allegation that is 未证实 is unproved. {NOTICE}"
)


class StrictTool(Tool):
    """A tool that refuses an argument it does not know or cannot read, in one sentence."""

    def model_post_init(self, _context: Any) -> None:
        self.parameters["additionalProperties"] = False

    async def run(self, arguments: dict[str, Any], *rest: Any, **options: Any) -> Any:
        known = self.parameters["properties"]
        for name in arguments.keys() - known.keys():
            raise ToolError(visible(f"Unknown argument {name!r} of {self.name}. {did_you_mean(name, known)}"))
        try:
            return await super().run(arguments, *rest, **options)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            first = error.__cause__.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ToolError(visible(f"{where} of {self.name}: {first['msg']}.")) from None


def make_server(home: Home, clock: Callable[[], datetime], console: str = "") -> MCPServer:
    """A server over *home*; *console* is where links lead, else ``serve.public_url``, else this machine."""
    desk = Desk(home, clock, console or home.config.serve.public_url or CONSOLE)
    counting, knowing = Counting(desk), Knowing(desk)
    tools = (
        knowing.resolve_dates, counting.search, counting.trend, counting.compare, counting.crosstab,
        knowing.hosts, knowing.events, counting.document, knowing.report_figures, knowing.alerts,
        knowing.source_health,
    )  # fmt: skip
    return MCPServer(
        "fengping",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        tools=[StrictTool.from_function(one, annotations=_READS, structured_output=False) for one in tools],
    )
