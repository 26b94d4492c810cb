"""Who may come in and what they did: accounts, sessions, the token of forms, the audit log."""
