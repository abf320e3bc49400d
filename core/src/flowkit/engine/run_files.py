"""Files that tell whoever started a run which one it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit.engine.launch_options import LaunchOptions
from flowkit.errors import FlowkitError
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef

__all__ = ["write_run_files"]


def write_run_files(options: LaunchOptions, run: RunRecord, metadata: StoreRef, more: Mapping[str, Any]) -> None:
    """Write the files that ``options`` name: the run's id, and a JSON object that says where it is found.

    Parameters
    ----------
    more
        Fields of that object besides the flow's name, the run's id and where it is recorded.

    Raises
    ------
    FlowkitError
        If one can't be written.
    """
    if options.run_id_file is not None:
        _write_whole("--run-id-file", options.run_id_file, run.run_id)
    if options.runner_attribute_file is not None:
        found = {"flow_name": run.flow, "run_id": run.run_id, "metadata": f"{metadata.name}@{metadata.root}", **more}
        _write_whole("--runner-attribute-file", options.runner_attribute_file, json.dumps(found))


def _write_whole(option: str, file: str, text: str) -> None:
    """Write the file so that whoever waits for it never sees a part of it."""
    path = Path(file)
    if path.is_dir():
        raise FlowkitError(f"{option} {path} can't be written: it is a folder; name a file in it")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text)
        temporary.replace(path)
    except OSError as error:
        raise FlowkitError(f"{option} {path} can't be written: {error.strerror}") from error
