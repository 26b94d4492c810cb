"""Answers, penalties and retractions in texts, and the status they give an event. Deliberately strict."""
