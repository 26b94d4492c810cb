"""Erasure of documents for good, out of every file of a home."""
