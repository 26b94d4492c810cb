"""Pages, one a module: its ``router`` answers with a template of its name, and with ``.json``, ``.csv``."""
