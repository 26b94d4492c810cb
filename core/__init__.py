"""fengping 风评: collect, judge, count and explain what is said about livestream selling.

This room holds what every other room may use: models, errors, configuration, clock and state.
It imports none of them; only the command line (`fengping.cli`) stands above all.
"""

__version__ = "0.2.0"
