"""An edition that was altered is named wherever it is shown; an exported one is checked without fengping."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.reports.test_editions import BLAMED, draft, fill, signed
from tests.reports.test_report_truth import NOW
from typer.testing import CliRunner, Result

from fengping import signing
from fengping.cli.app import app
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.reports.archive import Editions, tables, verify_edition
from fengping.services import edition as editions
from fengping.services.edition_files import export
from fengping.services.home import doctor
from fengping.state import State, write_meta


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a signed edition, its first."""
    root = tmp_path_factory.mktemp("issued") / "home"
    root.mkdir()
    (root / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(root)
    fill(home, BLAMED)
    signed(home, draft(home).number)
    return home


@pytest.fixture
def bundle(issued: Home, tmp_path: Path) -> Path:
    """The edition as it is exported, unpacked."""
    [one] = Editions(issued).all()
    export(issued, one.number, tmp_path / "edition.zip")
    with zipfile.ZipFile(tmp_path / "edition.zip") as pack:
        pack.extractall(tmp_path / "edition")
    return tmp_path / "edition"


def change_byte(path: Path, at: int = 40) -> None:
    """Changes one byte and nothing that ``ls -l`` shows."""
    known = path.stat()
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home.root), *arguments], env={"COLUMNS": "999"})


ALTERATIONS: dict[str, tuple[Callable[[Path, str], object], str]] = {
    "a byte of its JSON": (lambda at, n: change_byte(at / f"{n}.json"), r"\.json was changed"),
    "a byte of its text": (lambda at, n: change_byte(at / f"{n}.md"), r"\.md was changed"),
    "a byte of its record": (lambda at, n: change_byte(at / "record.json"), r"record\.json was changed"),
    "a byte of its manifest": (
        lambda at, n: change_byte(at / "manifest.json"),
        r"manifest\.json was changed",
    ),
    "a byte of its signature": (lambda at, n: change_byte(at / "manifest.sig"), r"manifest\.sig was changed"),
    "a file removed": (lambda at, n: (at / f"{n}.md").unlink(), r"\.md is missing"),
    "a file put beside": (lambda at, n: (at / f"{n}.pdf").write_bytes(b"%PDF"), r"\.pdf is not listed"),
    "all files removed": (lambda at, n: shutil.rmtree(at), r"Its files are gone"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_edition_does_not_pass_as_signed(issued: Home, tmp_path: Path, name: str) -> None:
    home = Home.open(shutil.copytree(issued.root, tmp_path / "home"))
    [one] = Editions(home).all()
    assert [run(home, "edition", *args).exit_code for args in (("list",), ("show", one.number))] == [0, 0]
    alter, said = ALTERATIONS[name]
    alter(Editions(home).folder(one.number), one.number)
    for args in (("list",), ("show", one.number), ("list", "--json"), ("show", one.number, "--json")):
        found = run(home, "edition", *args)
        assert found.exit_code == 1 and re.search(said, found.output), (args, found.output)
    [check] = [one for one in doctor(home) if one.name == "editions"]
    assert not check.ok and re.search(said, check.found)
    for refused in (
        lambda: editions.send(home, one.number, ["file"], NOW),
        lambda: export(home, one.number, tmp_path / "x.zip"),
    ):
        with pytest.raises(UsageError):
            refused()


def test_a_signature_by_another_key_is_none(issued: Home, tmp_path: Path) -> None:
    home = Home.open(shutil.copytree(issued.root, tmp_path / "home"))
    (home.root / signing.NAME).unlink()
    assert isinstance(run(home, "edition", "list").exception, ConfigError)
    signing.renew(home)
    assert run(home, "edition", "list").exit_code == 0
    with State.open(home).begin() as connection:
        write_meta(connection, signing._KNOWN, "0" * 64)
    signing.renew(home)
    found = run(home, "edition", "list")
    assert found.exit_code == 1 and "not that of the key of this deployment" in found.output


def test_an_exported_edition_is_checked_without_fengping(issued: Home, bundle: Path) -> None:
    key = signing.fingerprint(issued)
    assert not (bundle / "record.json").exists()  # it holds what a reviewer struck
    signer = json.loads((bundle / "manifest.json").read_bytes())
    assert (signer["signed_by"], signer["key"]) == ("乙", key)
    # -I -S: nothing of this project, nor of its environment but the one library, is at hand.
    library = Path(sys.modules["cryptography"].__file__ or "").parents[1]
    code = f"import sys, runpy; sys.path.append({str(library)!r}); sys.argv[1:] = ['--key', {key!r}];" + (
        f"runpy.run_path({str(bundle / 'verify_edition.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "AS SIGNED" in done.stdout
    assert verify_edition.faults(bundle, "0" * 64) == [f"It is signed by another key: {key}."]
    (bundle / "manifest.sig").unlink()
    assert "not signed" in verify_edition.faults(bundle)[0]


def test_the_checker_runs_nothing_that_was_put_beside_it(bundle: Path) -> None:
    for name in ("__future__.py", "argparse.py", "json.py"):
        (bundle / name).write_text("print('AS SIGNED'); raise SystemExit(0)", encoding="utf-8")
    done = subprocess.run([sys.executable, str(bundle / "verify_edition.py")], capture_output=True, text=True)
    assert done.returncode == 1 and "json.py is not listed" in done.stdout


ROWS: dict[str, tuple[dict[str, object], str]] = {
    "another signer": ({"signed_by": "丙"}, "says other than manifest.json"),
    "another reviewer": ({"reviewed_by": "丙"}, "says other than manifest.json"),
    "another time": ({"signed_at": NOW - timedelta(days=1)}, "says other than manifest.json"),
    "no signature": ({"signature": ""}, "not that of the key of this deployment"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_says_other_than_was_signed_is_named(issued: Home, tmp_path: Path, name: str) -> None:
    home = Home.open(shutil.copytree(issued.root, tmp_path / "home"))
    values, said = ROWS[name]
    with State.open(home).begin() as connection:
        connection.execute(update(tables.editions).values(values))
    found = run(home, "edition", "list")
    assert found.exit_code == 1 and said in found.output


def test_a_draft_does_not_become_signed_by_its_state(issued: Home, tmp_path: Path) -> None:
    home = Home.open(shutil.copytree(issued.root, tmp_path / "home"))
    number = draft(home).number
    assert run(home, "edition", "list").exit_code == 0
    with State.open(home).begin() as connection:
        connection.execute(
            update(tables.editions).where(tables.editions.c.number == number).values(state="signed")
        )
    found = run(home, "edition", "list")
    assert found.exit_code == 1 and "not that of the key of this deployment" in found.output


def test_the_checker_is_short() -> None:
    assert len(Path(verify_edition.__file__).read_text("utf-8").splitlines()) <= 200


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_every_change_of_a_byte_is_caught(bundle: Path, count: int) -> None:
    draw = random.Random(20241116)
    files = [path for path in sorted(bundle.rglob("*")) if path.is_file()]
    assert verify_edition.faults(bundle) == []
    passed = []
    for path in draw.choices(files, k=count):
        content = path.read_bytes()
        at, by = draw.randrange(len(content)), draw.randrange(1, 256)
        path.write_bytes(content[:at] + bytes([content[at] ^ by]) + content[at + 1 :])
        if not verify_edition.faults(bundle):
            passed.append((path.name, at, by))
        path.write_bytes(content)
    assert passed == [] and verify_edition.faults(bundle) == []
