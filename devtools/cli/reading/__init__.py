"""Commands of the group ``reading``."""
