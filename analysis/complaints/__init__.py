"""Complaint classes C01–C14: triggers, concepts beside them, runs of characters."""
