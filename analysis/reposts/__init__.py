"""Comparison of two texts: the same story or not."""
