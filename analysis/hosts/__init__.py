"""Hosts: the registry, whom a negative text is directed at, and tools that show how names fare."""
