"""Functions over a home that command line, console and scheduler call; they return records, never text."""
