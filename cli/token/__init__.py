"""Commands of ``token``."""
