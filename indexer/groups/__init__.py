"""Repost groups across the whole store and across days."""
