"""A fault of a key in the owner's files is told with the file and the line, as bad syntax is."""

from __future__ import annotations

import pytest
from tests.commands import fengping

from fengping.home import Home
from fengping.scheduler.faults import faults

NIGHT, SENT, HOME = "alerts/night.toml", "delivery.toml", "fengping.toml"
ROUTE = '[[routes]]\nname = "r"\n'


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        (NIGHT, '# night\nname = "x"\nnum_event = 3\n', 3, "unknown key 'num_event'."),
        (NIGHT, 'name = "x"\nkind = "spik"\n', 2, "unknown kind 'spik'."),
        (NIGHT, 'name = "x"\nchannels = [\n  "file",\n]\nseverity = "loud"\n', 5, "severity: "),
        (NIGHT, 'name = "x"\nhosts = [\n  "甲",\n  3,\n]\n', 2, "hosts.1: "),
        (NIGHT, 'name = "x"\nquery = "(退款"\n', 2, "query: "),
        (NIGHT, '"name" = "x"\n\'num_event\' = 3\n', 2, "unknown key 'num_event'."),
        (SENT, '[channels.a]\nkind = "file"\n\n[channels.b]\nkind = "fil"\n', 5, "unknown kind 'fil'."),
        (SENT, '[channels.a]\nkind = "file"\npth = "x"\n', 3, "channels.a: unknown key 'pth'."),
        (SENT, ROUTE + "to = []\n" + ROUTE + 'to = []\nseverty = "info"\n', 7, "'routes.1.severty'"),
        (SENT, ROUTE + "to = []\n" + ROUTE, 4, "the key 'routes.1.to' is missing"),
        ("hosts.toml", '\n\n[[host]]\nname = "甲"\nalias = []\n', 5, "unknown key 'host.0.alias'."),
        (HOME, '[report]\ntitle = """\nkind = 1\n[x]\n"""\n[serve]\nprt = 1\n', 7, "'serve.prt'"),
        (HOME, "schedule = { index_every_minuts = 5 }\n", 1, "unknown key"),
        ("sources/news.toml", 'kind = "list"\ntitel = "x"\nurls = ["http://a.cn"]\n', 2, "key 'titel'"),
        ("words.toml", "[words]\nrow = 3\n", 2, "words.row: "),
    ],
)  # fmt: skip
def test_a_fault_of_a_key_names_its_line(home: Home, file: str, text: str, line: int, said: str) -> None:
    path = home.root / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    sentence = faults(home.root)[file]
    assert sentence.startswith(f"{path}, line {line}: ") and said in sentence


def test_a_command_says_it_as_well(home: Home) -> None:
    home.config_file.write_text('store = "memory:"\nstroe = "x"\n', encoding="utf-8")
    done = fengping(home, "status")
    assert done.returncode == 2
    assert done.stderr == (
        f"fengping: {home.config_file}, line 2: unknown key 'stroe'. Did you mean 'store'?\n"
    )
