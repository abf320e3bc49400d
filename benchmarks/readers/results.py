"""Prints what a run left, so that two tools' runs can be compared: argv is FLOW ARTIFACT…"""

import json
import sys

from flowkit import Flow, namespace

namespace(None)
run = Flow(sys.argv[1]).latest_successful_run
print(json.dumps({name: getattr(run.data, name) for name in sys.argv[2:]}))
