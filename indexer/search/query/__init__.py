"""The analyst's query: its tree, its parser, its words, and its meaning in plain Python."""
