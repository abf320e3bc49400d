"""Prints how long the import of the package takes, in seconds."""

import time

began = time.perf_counter()
import flowkit  # noqa: E402, F401

print(time.perf_counter() - began)
