"""Loads the extraction with its compiled loop, so that processes forked afterwards have both."""

from datetime import UTC, datetime

from fengping.spiders.extraction import extract

extract("<p>样例</p>", fetched_at=datetime.now(UTC))
