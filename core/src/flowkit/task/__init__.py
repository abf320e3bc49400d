"""One attempt of one task, in its own process."""
