"""Facts of a report: the fixed queries, and pure arithmetic on what they answer."""
