"""Training of the reading: one small encoder with heads for polarity, parties, roles and clauses."""
