"""From the journal into the store: judge, group, correct, put, move the cursor."""
