"""A sample site on loopback and the real chain run on it: what a first evening with fengping shows.

Everything in it is invented: hosts, shops, brands, newspapers. It is seeded, so every run is the same.
"""
