"""Outputs that changes of judge, events, alerts and reports alter on purpose; authors read the difference."""
