"""The reading of a text: parties with their roles, clauses with what they tell, one polarity."""
