"""``docs/operations.md`` and ``deploy/``: every command runs, every example is valid."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml  # type: ignore[import-untyped]
from tests import postgres
from tests.commands import fengping
from tests.making import document
from tests.site.homes import list_source

from fengping.cli.app import COMMANDS as COMMAND_TABLE
from fengping.cli.lazy import Group, load
from fengping.config import Config
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.scheduler.jobs import jobs_of
from fengping.services.home import make_home

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (fengping .+?)(?:\s+#.*)?$", TEXT, re.MULTILINE)
FAILS = {"status": 1, "--home restored status": 1, "status --alive": 1, "doctor": None}
"""Exit codes of a home that nobody serves; doctor's depends on the fonts of the machine."""


def start(home: Home, *words: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment
    )


@pytest.fixture
def served(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    make_home(home)
    (home.sources / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    with open_journal(home).writer() as journal:
        journal.append(document(1, None).raw)
    return home


def arguments(command: str, folder: Path) -> list[str]:
    found: list[str] = []
    for word in shlex.split(command)[1:]:
        found += [str(path.relative_to(folder)) for path in folder.glob(word)] if "*" in word else [word]
    return found


@pytest.mark.long
def test_every_command_runs(served: Home) -> None:
    assert len(COMMANDS) > 8
    environment = {**os.environ, "FENGPING_HOME": "."}
    for command in COMMANDS:
        line = [sys.executable, "-m", "fengping", *arguments(command, served.root)]
        if "--metrics-port" in command:
            run_and_read(line, served)
            continue
        done = subprocess.run(
            line, cwd=served.root, env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, command
        expected = FAILS.get(command.removeprefix("fengping "), 0)
        assert expected is None or done.returncode == expected, (command, done.stdout, done.stderr)


def run_and_read(line: list[str], home: Home) -> None:
    """Serves on a free port, reads the figures, and ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*line[:-1], str(port)], cwd=home.root, env={**os.environ, "FENGPING_HOME": "."},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        deadline, said = time.monotonic() + 180, ""
        planned = 'fengping_job_late_seconds{job="collect"} 0.0'
        while planned not in said and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
            try:
                said = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
            except OSError:
                continue
        assert planned in said
        assert "fengping_schedule_up 1.0" in said
        assert "fengping_disk_free_ratio" in said
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=120)[0]
        assert process.returncode == 0, output
    finally:
        process.kill()
        process.communicate()


def test_every_example_is_a_configuration(served: Home) -> None:
    examples = re.findall(r"<!-- example: fengping.toml -->\n```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) == 2
    for text in examples:
        assert Config(**tomllib.loads(text))
    served.config_file.write_text(examples[0], encoding="utf-8")
    jobs = jobs_of(Home.open(served.root))
    assert {"digest", "backup", "report-weekly", "report-weekly-2"} <= jobs.keys()


def test_every_job_is_described(served: Home) -> None:
    described = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE))))
    served.config_file.write_text(
        "[backup]\nfolder = 'b'\n[retention]\nlogs = 1\n[schedule]\ndigest = '08:00'\n"
    )
    assert {name.split("-")[0] for name in jobs_of(Home.open(served.root))} <= described | {"report"}


BY_HAND = (
    "run", "status", "doctor", "alerts check", "alerts test", "alerts list", "alerts show", "alerts ack",
    "alerts silence", "alerts explain", "report", "backup", "restore", "retain", "deliver log",
    "deliver retry",
)  # fmt: skip
ELSEWHERE = {
    "report": {"--query", "--source", "--title", "--generated-at", "--min-publishers", "--official",
               "--background", "--previous", "--reference-docx"},
}  # fmt: skip
"""Options of a report's contents, which docs/reports.md describes."""


@pytest.mark.parametrize("name", BY_HAND)
def test_every_option_that_an_operator_needs_is_named_beside_its_command(name: str) -> None:
    entry: Any = COMMAND_TABLE
    for word in name.split():
        entry = entry.commands[word] if isinstance(entry, Group) else entry[word]
    options = {one for param in load(name, entry).params for one in param.opts if one.startswith("--")}
    # A row names several commands, each between backquotes of its own.
    rows = "".join(row for row in TEXT.splitlines() if re.match(rf"\| .*`{name}`.* \|", row))
    reports = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    assert {one for one in ELSEWHERE.get(name, ()) if one not in reports} == set()
    assert {one for one in options if f"`{one}" not in rows} - ELSEWHERE.get(name, set()) <= {"--help"}


UNITS = {
    "fengping.service": "run",
    "fengping-console.service": "serve",
    "fengping@.service": "run --role serve",
}
"""Commands of the units; of an instance that of the role serve."""


@pytest.mark.long
@pytest.mark.parametrize(("name", "command"), UNITS.items())
def test_a_unit_is_one_and_runs_a_command_that_says_when_it_is_ready(
    served: Home, tmp_path: Path, name: str, command: str
) -> None:
    unit = ROOT / "deploy" / name
    parser = ConfigParser(strict=False, interpolation=None)
    parser.read(unit, encoding="utf-8")
    assert parser["Service"]["Type"] == "notify"
    line = parser["Service"]["ExecStart"].replace("%i", "serve")
    assert line.removesuffix(" $OPTIONS") == f"/srv/fengping/venv/bin/fengping {command}"
    assert int(parser["Service"]["WatchdogSec"]) > 60
    if analyze := shutil.which("systemd-analyze"):
        text = unit.read_text(encoding="utf-8").replace("/srv/fengping/venv/bin/fengping", sys.executable)
        copy = tmp_path / name.replace("@", "@serve")
        copy.write_text(text.replace("User=fengping", "User=root"), encoding="utf-8")
        done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
        assert copy.name not in done.stderr, done.stderr
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(180)
        port = ["--port", "0"] if "serve" in command else []
        process = subprocess.Popen(
            [sys.executable, "-m", "fengping", *command.split(), *port], cwd=served.root,
            env={**os.environ, "FENGPING_HOME": ".", "NOTIFY_SOCKET": str(tmp_path / "notify")},
        )  # fmt: skip
        try:
            assert manager.recv(100) == b"READY=1"
            process.send_signal(signal.SIGTERM)
            assert process.wait(120) in (0, -signal.SIGTERM)
        finally:
            process.kill()
            process.wait()


def test_every_unit_is_tried() -> None:
    assert {path.name for path in (ROOT / "deploy").glob("*.service")} == UNITS.keys()


def test_compose_and_image_name_commands_that_exist() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["tini", "--", "fengping"]' in image
    compose = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    assert "[CMD, fengping, status, --alive]" in compose
    commands = [line.split(", ") for line in re.findall(r"^ {4}command: \[(.+)\]$", compose, re.MULTILINE)]
    assert [words[0] for words in commands] == ["run", "serve"]
    for name, *options in commands:
        known = {one for param in load(name, COMMAND_TABLE[name]).params for one in param.opts}
        assert {word for word in options if word.startswith("--")} <= known
    ports = re.findall(r'ports: \["(\S+):(\d+):(\d+)"\]', compose)
    assert ports == [("127.0.0.1", "8300", "8300")] and "'http://127.0.0.1:8300/login'" in compose


@pytest.mark.long
def test_what_the_deployment_says_to_do_first_gives_a_console_behind_its_proxy(
    tmp_path: Path, postgres_server: str
) -> None:
    text = (ROOT / "deploy" / "compose.deployment.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    proxy, serve = services["proxy"], services["serve"]
    assert proxy["ports"] == ["127.0.0.1:8300:8300"] and "serve:8300" in proxy["command"]
    given = {
        "FENGPING_STATE": postgres.database(postgres_server), "FENGPING_PASSWORD": "a long enough password",
        "FENGPING_SERVE__PROXIES": serve["environment"]["FENGPING_SERVE__PROXIES"],
    }  # fmt: skip
    [steps] = re.findall(r'first \\\n# +sh -c "(.*)"', text)
    for step in steps.split(" && "):
        done = fengping(Home(tmp_path / "first"), *shlex.split(step)[1:], **given)
        assert done.returncode == 0, done.stderr
    machine = Home(tmp_path / "serve")
    assert fengping(machine, "init", "--join", given["FENGPING_STATE"], **given).returncode == 0
    [words] = re.findall(r"exec fengping (.*)", " ".join(serve["command"]))
    process = start(machine, *words.split(), "--port", "0", **given)
    try:
        assert process.stdout
        [address] = re.findall(r"http://127\.0\.0\.1:(\d+)/", process.stdout.readline())
        answer = httpx2.get(
            f"http://127.0.0.1:{address}/login",
            headers={"host": "localhost:8300", "x-forwarded-for": "10.1.2.3"},
            trust_env=False,
            timeout=60,  # a machine that is busy answers its first page late
        )
        assert answer.status_code == 200
    finally:
        process.terminate()
        process.communicate()
