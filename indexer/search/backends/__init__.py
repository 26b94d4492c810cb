"""Backends of the Store protocol, chosen by URL."""
