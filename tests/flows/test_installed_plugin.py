"""A plugin in a folder of its own, installed with pip: all that it provides is used, with no change in the core."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from support.project import Project
from support.virtual_environment import VirtualEnvironment

FLOW = """
import os
from array import array
from flowkit import FlowSpec, acme, secrets, step

class PluggedFlow(FlowSpec):
    @acme(unit="ms")
    @secrets(sources=["acme.database"])
    @step
    def start(self):
        self.length = len(os.environ["PASSWORD"])
        print("password", os.environ["PASSWORD"])
        self.numbers = array("d", range(1000))
        self.next(self.end)

    @step
    def end(self):
        assert self.numbers == array("d", range(1000))

if __name__ == "__main__":
    PluggedFlow()
"""
PLAIN = """
from flowkit import FlowSpec, step

class PlainFlow(FlowSpec):
    @step
    def only(self):
        self.x = 1

if __name__ == "__main__":
    PlainFlow()
"""
KINDS = "datastore,step-decorator,serializer,secrets-provider,command,observer"
READ = """
from flowkit import Flow
task = Flow("PluggedFlow").latest_run["start"].task
print(task["numbers"].data[-1], task.metadata_dict["acme-time"].split()[1])
"""


def run(project: Project, *command: str, status: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=project.path,
        env={**project.environment, **env},
        executable=str(Path(project.environment["PATH"].partition(":")[0]) / command[0]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def installed(project: Project, tmp_path: Path) -> Project:
    environment = VirtualEnvironment.make(tmp_path / "environment")
    environment.use_in(project)
    run(project, "flowkit", "plugins", "new", "acme", "--kind", KINDS)
    run(project, "pip", "install", "./flowkit-acme")
    project.write("flow.py", FLOW)
    project.write("plain.py", PLAIN)
    project.write("secrets.ini", "[database]\nPASSWORD = swordfish-77\n")
    settings = {"DEFAULT_DATASTORE": "acme", "DATASTORE_SYSROOT_ACME": "store.db", "ACME_SECRETS": "secrets.ini"}
    project.write(".flowkit/config.json", json.dumps({**settings, "ACME_JOURNAL": "journal"}))
    return project


def test_all_that_it_provides_is_used_and_its_loss_stops_nothing_else(installed: Project) -> None:
    for start in ("fork", "spawn"):
        done = run(installed, "python", "flow.py", "run", "--task-start", start)
        assert "start took " in done.stdout  # the decorator
        assert "password ***" in done.stdout  # the secrets provider
    (written,) = {line["status"] for line in map(json.loads, (installed.path / "journal").read_text().splitlines())}
    assert written == "succeeded"  # the observer
    assert (installed.path / "store.db").is_file()  # the datastore
    assert not (installed.store / "PluggedFlow").exists()
    installed.write("read.py", READ)
    assert run(installed, "python", "read.py").stdout == "999.0 ms\n"  # the serializer
    lines = run(installed, "python", "flow.py", "acme").stdout.splitlines()  # the command
    assert [line.split()[1] for line in lines] == ["succeeded", "succeeded"]

    (module,) = (installed.path.parent / "environment").glob("lib/*/site-packages/flowkit_acme/plugin.py")
    module.write_text(module.read_text().replace("from flowkit.plugin", "import no_such_sdk\nfrom flowkit.plugin", 1))
    # Everything else still works.
    run(installed, "python", "plain.py", "run", "--task-start", "spawn", FLOWKIT_DEFAULT_DATASTORE="local")
    shown = run(installed, "flowkit", "plugins", "list").stdout
    assert (
        "acme (flowkit-acme 0.1.0): broken\n  cause: importing flowkit_acme.plugin failed: ModuleNotFoundError" in shown
    )
    assert "install what provides the module 'no_such_sdk'" in shown
    # What needs it says so in a line.
    missing = run(installed, "python", "plain.py", "run", status=2)
    assert "there is no datastore 'acme'" in missing.stderr
    assert "acme (broken: importing flowkit_acme.plugin failed" in missing.stderr
    assert "no_such_sdk" in run(installed, "python", "flow.py", "run", status=1).stderr
