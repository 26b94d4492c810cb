"""The journal, system of record: every raw document ever seen, in JSON Lines files."""
