"""Analyses over time: shares, changes, comparisons, cross tables, words, peaks, phases.

Each module asks one kind of question and returns records that the command line, the API and the assistant's
tools print alike (``to_record``).
"""
