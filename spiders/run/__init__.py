"""Runs of crawls: started as child processes, watched, recorded, every URL counted once."""
