"""Commands of ``labels``."""
