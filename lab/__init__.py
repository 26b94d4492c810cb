"""Bench and evaluation on development data; never imported by the product."""
