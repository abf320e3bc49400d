"""``flowkit debug``: an attempt of an earlier run, opened again at a prompt."""
