"""``account``: who may sign in to the console where it listens beyond this machine."""
