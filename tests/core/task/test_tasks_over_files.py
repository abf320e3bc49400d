"""A backend that only follows the documentation keeps the contract: its tasks do by themselves what it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.testing.compute import ComputeBackendContract
from flowkit.testing.compute_launcher import Launcher

TESTS = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _backend_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


LOCAL = "flowkit.builtin.local_compute:LocalCompute"
FILES = "support.file_backend:FileBackend"
FLOW = """
import sys
from flowkit import FlowSpec, secrets, step

class ContractFlow(FlowSpec):
    @secrets(sources=[{"type": "inline", "options": {"env_vars": {"TOKEN": "tiger-0451"}}}])
    @step
    def start(self):
        print("flowkit.task.masking" in sys.modules)
        self.next(self.end)

    @step
    def end(self):
        print("flowkit.task.masking" in sys.modules)
"""


class TestOverFiles(ComputeBackendContract):
    backend = FILES


@pytest.mark.parametrize(("backend", "with_secrets"), [(FILES, b"True\n"), (LOCAL, b"False\n")])
def test_only_a_task_that_can_tell_its_secrets_to_nobody_masks_them(
    tmp_path: Path, backend: str, with_secrets: bytes
) -> None:
    with Launcher(tmp_path, FLOW, backend, task_start="spawn") as launcher:
        specs = [launcher.submit("start", "1"), launcher.submit("end", "2")]
        for spec in specs:
            launcher.outcome(spec)
        assert [launcher.output(spec) for spec in specs] == [with_secrets, b"False\n"]
