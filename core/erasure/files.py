"""Files that quote documents: deleted, or named where they are to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from fengping.erasure import Erased, Erasure
from fengping.erasure.traces import holding


def files_in(folder: Path) -> list[Path]:
    """Every file below *folder*, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def delete_quoting(erasure: Erasure, files: Iterable[Path], whole: Callable[[Path], str]) -> Erased:
    """Deletes *files* that hold traces, each with all that *whole* gives the same name.

    What cannot be searched (a PDF) goes with its whole, or is mentioned.
    """
    printed = list(files)
    found, closed = holding(printed, erasure.traces)
    quoting, searched = set(map(whole, found)), {whole(path) for path in printed if path not in closed}
    unknown = [path for path in closed if whole(path) not in searched]
    if erasure.keep_printed:
        return Erased(mentioned=[*found, *unknown])
    doomed = [path for path in printed if whole(path) in quoting]
    for path in doomed:
        path.unlink()
    for folder in {path.parent for path in doomed}:
        if not any(folder.iterdir()):
            folder.rmdir()
    return Erased(files=doomed, mentioned=unknown)


def change_lines(file: Path, change: Callable[[bytes], bytes]) -> None:
    """Puts what *change* makes of each line, which is no longer than it was, in its place; the line keeps its
    length, for a process may be appending."""
    with file.open("r+b") as stream:
        while line := stream.readline():
            said = line.rstrip(b"\n")
            if (changed := change(said)) != said:
                stream.seek(-len(line), 1)
                stream.write(changed.ljust(len(said)) + line[len(said) :])
