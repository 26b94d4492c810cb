"""SnowNLP's own sentiment score, equal to the last bit, compiled."""
