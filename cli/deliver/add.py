"""``deliver add``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stderr, stdout
from fengping.errors import UsageError
from fengping.services import alert_rules, channels


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the new channel.")],
    kind: Annotated[str, typer.Argument(help="Its kind, as dingtalk, feishu, wecom, mail, webhook.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]…", help="Its keys; a secret as $VARIABLE or file:PATH."),
    ] = None,
    alarms: Annotated[bool, typer.Option("--alarms", help="Every rule tells it its alarms.")] = False,
) -> None:
    """Writes a channel into delivery.toml; at a terminal it asks for the secrets that are missing."""
    home = open_home(context)
    given = dict(_pair(value) for value in values or ())
    known = {field.name: field for field in channels.fields_of(kind)}
    if unknown := sorted(set(given) - set(known)):
        raise UsageError(f"A channel of kind {kind!r} has no key {unknown[0]!r}.", remedy=", ".join(known))
    for field in known.values():
        if field.required and field.name not in given and sys.stdin.isatty() and stderr.is_terminal:
            hidden = field.shape == "secret"
            given[field.name] = typer.prompt(field.name, hide_input=hidden, err=True)
    channels.keep(home, name, kind, given)
    told = alert_rules.tell_too(home, name) if alarms else []
    stdout.print(f"wrote channel {name} into delivery.toml", highlight=False, markup=False)
    for rule in told:
        stdout.print(f"{rule} tells it its alarms", highlight=False, markup=False)
    stdout.print(f"Next: fengping deliver test {name}", highlight=False, markup=False)


def _pair(value: str) -> tuple[str, str]:
    key, found, text = value.partition("=")
    if not found:
        raise UsageError(f"{value!r} is no KEY=VALUE.", remedy="Write it as url='$DINGTALK'.")
    return key, text
