"""Runs flows on Metaflow and records what comes of them: ``python tests/flows/parity/record.py [FLOW…]``.

Without names, those whose recording isn't up to date.
"""

from __future__ import annotations

import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.parity.flows import RECORDED, ComparedFlow, compared_flows
from support.parity.metaflow import METAFLOW_VERSION, metaflow_python
from support.parity.recordings import is_up_to_date
from support.parity.running import run_on_metaflow


def record(flow: ComparedFlow, python: Path) -> None:
    """Record one."""
    with tempfile.TemporaryDirectory(prefix="flowkit-parity-") as folder:
        results = run_on_metaflow(flow, Path(folder), python)
    document = {"digest": flow.digest, "metaflow": METAFLOW_VERSION, "results": results}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    flow.recording.write_text(text + "\n", encoding="utf-8")
    print(f"{flow.id}: recorded")


def main(names: list[str]) -> None:
    """Record those of ``names``, and take away recordings of flows that aren't there any more."""
    flows = list(compared_flows())
    for left in set(RECORDED.glob("*.json")) - {flow.recording for flow in flows}:
        left.unlink()
    chosen = [flow for flow in flows if (flow.id in names if names else not is_up_to_date(flow))]
    python = metaflow_python()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(record, flow, python) for flow in chosen]:
            try:
                done.result()
            except AssertionError as error:
                print(error, file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
