"""The command line. Stands above every room; each command imports what it needs when it runs.

Exit codes: 0 done, 1 found or failed as asked, 2 usage or configuration.
"""

from fengping.cli.app import main

__all__ = ["main"]
