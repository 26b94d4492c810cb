"""Faults on purpose: commands killed at random moments and at each rename and fsync, with a ground truth."""
