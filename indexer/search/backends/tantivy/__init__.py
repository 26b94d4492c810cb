"""The embedded store: a tantivy index in a folder."""
