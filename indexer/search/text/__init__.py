"""Text as every store compares it: folded, then cut into tokens."""
