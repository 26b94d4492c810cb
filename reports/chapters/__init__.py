"""Chapters of a report: from facts to blocks, after the CCA's outline."""
