"""``python -m flowkit.task``: see :mod:`flowkit.task.main`."""

import sys

from flowkit.task.main import main

if __name__ == "__main__":
    main(sys.argv[1:])
