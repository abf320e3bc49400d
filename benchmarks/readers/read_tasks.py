"""Reads all tasks of a foreach: the list, one artifact, metadata and logs of each. Prints seconds and a check sum."""

import json
import time

from flowkit import Flow, namespace

namespace(None)
run = Flow("ForeachFlow").latest_successful_run
began = time.perf_counter()
total = 0
fields = 0
for task in run["work"]:
    total += task.data.squared
    fields += len(task.metadata_dict) > 0
    total += len(task.stdout)
print(json.dumps({"seconds": time.perf_counter() - began, "check": [total, fields]}))
