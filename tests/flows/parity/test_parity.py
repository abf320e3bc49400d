"""The same flows on FlowKit and on Metaflow: same artifacts, same tasks, same failures, same exit codes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from support.parity.compare import differences
from support.parity.differing import ALWAYS_DIFFERING, DIFFERING
from support.parity.flows import RECORDED, ComparedFlow, compared_flows
from support.parity.metaflow import metaflow_python
from support.parity.recordings import COMMAND, is_up_to_date, recorded_results
from support.parity.running import run_on_flowkit, run_on_metaflow

FLOWS = {flow.id: flow for flow in compared_flows()}


@pytest.fixture(params=FLOWS)
def flow(request: pytest.FixtureRequest) -> ComparedFlow:
    return FLOWS[request.param]


def test_the_comparison_is_of_what_was_recorded() -> None:
    outdated = [flow.id for flow in FLOWS.values() if not is_up_to_date(flow)]
    assert not outdated, f"the recordings aren't of these flows as they are; record them: {COMMAND}"
    assert {path.stem for path in RECORDED.glob("*.json")} == set(FLOWS)
    assert set(DIFFERING) <= set(FLOWS)
    assert len(FLOWS) >= 60


def test_a_flow_does_the_same_on_flowkit_as_on_metaflow(flow: ComparedFlow, tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    folder.mkdir()
    patterns = DIFFERING.get(flow.id, {})
    unexpected, seen = [], set()
    for path, ours, theirs in differences(_by_number(run_on_flowkit(flow, folder)), _by_number(recorded_results(flow))):
        matching = [one for one in patterns if fnmatchcase(path, one.removeprefix("?"))]
        seen.update(matching)
        if not matching and not _always_differs(path):
            unexpected.append(f"{path}\n  FlowKit:  {ours}\n  Metaflow: {theirs}")
    assert not unexpected, "\n" + "\n".join(unexpected)
    # Those with a question mark differ now and then, as Metaflow's tasks happen to end.
    same = [one for one in patterns if one not in seen and not one.startswith("?")]
    assert not same, f"listed as differing, but the same: {same}"


@pytest.mark.long
def test_metaflow_still_does_what_was_recorded(flow: ComparedFlow, tmp_path: Path) -> None:
    python = metaflow_python()
    folder = tmp_path / "flow"
    folder.mkdir()
    patterns = [one.removeprefix("?") for one in DIFFERING.get(flow.id, {})]
    found = differences(_by_number(run_on_metaflow(flow, folder, python)), _by_number(recorded_results(flow)))
    # What is listed as differing may depend on which of Metaflow's tasks ends first.
    assert not [one for one in found if not any(fnmatchcase(one[0], pattern) for pattern in patterns)]


def _by_number(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{number} {result['command']}": result for number, result in enumerate(results)}


def _always_differs(path: str) -> bool:
    return any(fnmatchcase(path, one) for one in ALWAYS_DIFFERING)
