"""Measuring: each operation as a ratio to a floor measured in the same run (`make bench`, docs/performance.md)."""
