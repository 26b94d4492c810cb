"""A quick reader on trial: one linear model of runs of characters, taught by the encoder and by labels.

It is to take the place of the linear judge (docs/measurements/reading.md says how far it is).
"""
