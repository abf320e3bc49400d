"""Frozen values that the layers hand to each other. No I/O, no state."""
