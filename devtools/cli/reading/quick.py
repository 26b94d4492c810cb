"""``reading quick``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from devtools.cli import Data
from fengping.analysis import Lexicon
from fengping.cli.terminal import remark


def quick(
    out: Annotated[Path, typer.Option("--out", help="The .npz file to write.")],
    data: Data = Path("../shared/data"),
    seed: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Trains the quick reader on labels and on the encoder's readings: a quarter of an hour."""
    from devtools.quick.teaching import drawn, read
    from devtools.quick.training import labelled, taught, train, whole

    lexicon = Lexicon.load()
    texts = [*labelled(data, lexicon), *whole(data, lexicon)]
    texts += taught(read(drawn(data, seed), lexicon, remark), lexicon)
    np.savez_compressed(out, **train(texts, seed, remark))  # type: ignore[arg-type]  # arrays, no flag
    remark(f"{out} is written.")
