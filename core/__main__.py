"""``python -m fengping``: how the scheduler starts its jobs."""

from fengping.cli import main

main()
