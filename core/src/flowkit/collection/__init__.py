"""Garbage collection: what no run needs any more goes, and nothing else, whatever else happens at the time."""
