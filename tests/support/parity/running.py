"""Runs one compared flow and reads its runs back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.parity.flows import READER, ComparedFlow, for_metaflow
from support.project import clean_environment

__all__ = ["run_on_flowkit", "run_on_metaflow"]

_DROPPED = ("METAFLOW_", "FLOWKIT_")


def run_on_flowkit(flow: ComparedFlow, folder: Path) -> list[dict[str, Any]]:
    """What each command of the flow came to."""
    return _run(flow, folder, Path(sys.executable), flow.source, READER.read_text(encoding="utf-8"))


def run_on_metaflow(flow: ComparedFlow, folder: Path, python: Path) -> list[dict[str, Any]]:
    """The same, by Metaflow."""
    reader = for_metaflow(READER.read_text(encoding="utf-8"))
    return _run(flow, folder, python, for_metaflow(flow.source), reader)


def _run(flow: ComparedFlow, folder: Path, python: Path, source: str, reader: str) -> list[dict[str, Any]]:
    (folder / "flow.py").write_text(source, encoding="utf-8")
    (folder / "reader.py").write_text(reader, encoding="utf-8")
    home = folder / "home"
    home.mkdir()
    base = {name: value for name, value in clean_environment(home).items() if not name.startswith(_DROPPED)}
    # Metaflow starts "python" for the nodes of a parallel step. No test sees what this machine is configured for.
    base |= {"METAFLOW_HOME": str(home), "METAFLOW_USER": "tester", "FLOWKIT_USER": "tester", "USER": "tester"}
    base |= {
        "FLOWKIT_HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "200",
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    results = []
    for number, command in enumerate(flow.commands):
        run_id_file = folder / f"run_id_{number}"
        arguments = [str(python), "flow.py", *command.with_run_id_file(run_id_file)]
        done = _call(arguments, folder, {**base, **_variables(command.variables, source)})
        result: dict[str, Any] = {"command": " ".join(command.arguments), "exit code": done.returncode}
        if run_id_file.exists():
            run_id = run_id_file.read_text()
            words = [str(python), "reader.py", flow.flow_name, run_id, *flow.private_names]
            read = _call(words, folder, base)
            if read.returncode:
                raise AssertionError(f"{flow.id}: the run can't be read\n{read.stderr}\n--- the run\n{done.stderr}")
            result["run"] = json.loads(_neutral(read.stdout, folder, run_id))
        elif command.makes_a_run and done.returncode == 0:
            raise AssertionError(f"{flow.id}: no run id was written\n{done.stderr}")
        results.append(result)
    return results


def _variables(variables: Mapping[str, str], source: str) -> Mapping[str, str]:
    if "from metaflow" not in source:
        return variables
    return {for_metaflow(name): value for name, value in variables.items()}


def _call(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _neutral(text: str, folder: Path, run_id: str) -> str:
    """Without what no two runs have in common, and with FlowKit's names."""
    text = text.replace(str(folder), "FOLDER").replace(run_id, "RUN_ID")
    for ours, theirs in (
        ("flowkit.errors.InvalidNextError", "metaflow.flowspec.InvalidNextException"),
        ("flowkit.errors.UnhandledInMergeArtifacts", "metaflow.exception.UnhandledInMergeArtifactsException"),
        ("flowkit.errors.CaughtException", "metaflow.exception.MetaflowExceptionWrapper"),
        ("flowkit.errors.FlowkitError", "metaflow.exception.MetaflowException"),
        ("flowkit.errors.StepTimeout", "metaflow.plugins.timeout_decorator.TimeoutException"),
        ("flowkit.errors.FailureHandledByCatch", "metaflow.plugins.catch_decorator.FailureHandledByCatch"),
    ):
        text = text.replace(theirs, ours)
    return re.sub(r"metaflow\.(exception|datastore\.exceptions)\.", "flowkit.errors.", text)
