"""Rules over negative documents, the decision to fire, and delivery that survives a restart.

Rules are TOML files; deciding is pure (:mod:`fengping.alerts.evaluate`); sending goes through an outbox.
"""
