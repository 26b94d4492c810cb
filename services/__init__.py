"""Functions over a home that command line, console and scheduler call; they return records, never text.

Each module is the policy of one command or page: what is asked, checked, done and told. Whoever calls one
gives the time, and a :data:`fengping.progress.Listener` where the work is long.
"""
