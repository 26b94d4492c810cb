"""Tools of who adds a source: guess, try, record, preview."""
