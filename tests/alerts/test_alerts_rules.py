"""Rule files: what they may say, and one sentence for each mistake."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fengping.alerts.rules import load_rules
from fengping.errors import ConfigError, FengpingError


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_defaults_and_values(tmp_path: Path) -> None:
    [rule] = load_rules(write(tmp_path, 'name = "x"\nnum_events = 5\ntimeframe = "90m"\n'))
    assert (rule.num_events, rule.timeframe, rule.realert) == (5, timedelta(minutes=90), timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\ntime_frame = "1h"', "Did you mean 'timeframe'?"),
        ('name = "x"\ntimeframe = "soon"', "write 30m, 24h, 7d or 2w"),
        ('name = "x"\ntimeframe = "0h"', "zero"),
        ('name = "x"\nkind = "spik"', "'threshold'"),
        ('name = "x"\nkind = "spike"\ntimeframe = "90m"', "whole hours"),
        ('name = "x"\nkind = "spike"\nreference = "1d"', "at least two of its timeframes"),
        ('name = "x"\nkind = "spike"\nspike_height = 1', "greater than 1"),
        ('name = "x"\nnum_events = 0', "greater than or equal to 1"),
        ('name = "x"\nchannels = ["mail"]', "unknown channel 'mail'"),
        ('name = "x"\nchannels = ["webhook:"]', "names no address"),
        ("num_events = 3", "'name' is missing"),
        ('name = x"', "not valid TOML"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_rules(write(tmp_path, text))
    assert said in str(caught.value)
    assert "a.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_rules_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, 'name = "x"')
    with pytest.raises(ConfigError, match="another file"):
        load_rules(write(tmp_path, 'name = "x"', "b.toml"))


def test_an_unknown_rule_is_named(tmp_path: Path) -> None:
    with pytest.raises(FengpingError, match="Did you mean 'hosts'"):
        load_rules(write(tmp_path, 'name = "hosts"'), "hostz")
