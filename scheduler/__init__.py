"""The service that starts each job in time, one of it a home, and remembers every run.

A job is a command of fengping run as a child process: its memory and its crashes are its own, and
what it did can be repeated by hand.
"""
