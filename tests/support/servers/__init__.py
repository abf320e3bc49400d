"""Real servers that tests start, each on a free port of 127.0.0.1, and a proxy that makes faults between."""
