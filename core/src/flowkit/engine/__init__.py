"""Runs: which task is next, what is recorded, what a resumed run takes over."""
