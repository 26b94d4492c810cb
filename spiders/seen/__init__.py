"""Seen URLs: what was fetched when, what to fetch again, and what became of a document."""
