"""A deployment on one machine: several homes on real engines, compared with one embedded home."""
