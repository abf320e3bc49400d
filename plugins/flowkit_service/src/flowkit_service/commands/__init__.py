"""``flowkit service …``."""
