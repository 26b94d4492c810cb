"""Outputs that no change may alter without saying so: ids, searches, imports, exports, erasure, delivery."""
