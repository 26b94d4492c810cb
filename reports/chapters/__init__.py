"""Chapters of a report: each a small registered class, one file a chapter."""
