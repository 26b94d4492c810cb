"""Access and its record: accounts, sessions, the token of forms, the audit log."""
