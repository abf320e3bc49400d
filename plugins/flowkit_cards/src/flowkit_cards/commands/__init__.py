"""``card`` of both command lines: what each command does is in a module of its own."""
