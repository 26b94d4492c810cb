"""Golden outputs: results of fengping for three fixed homes of invented texts, kept in ``tests/golden``.

*Invariants* no change may alter without saying so; *judgements* change on purpose: the author of the change
reads the difference and writes them anew.
"""

from devtools.golden import sets
from devtools.golden.homes import Homes

__all__ = ["Homes", "sets"]
