"""Routers of the API, one a module: its ``router`` is served under ``/api/v1``."""
