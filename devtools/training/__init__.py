"""Training of the polarity model, from labelled files to a model file.

Nothing below the command line needs it: judging never loads this room.
"""
