"""What Metaflow offers, as JSON on stdout. Run by an interpreter that has Metaflow: see table.py."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = (
    "metaflow",
    "metaflow.cards",
    "metaflow.client",
    "metaflow.events",
    "metaflow.exception",
    "metaflow.parameters",
    "metaflow.runner.metaflow_runner",
    "metaflow.runner.deployer",
    "metaflow.plugins.datatools",
)
CLASSES = (
    "metaflow.FlowSpec",
    "metaflow.Parameter",
    "metaflow.IncludeFile",
    "metaflow.Config",
    "metaflow.ConfigValue",
    "metaflow.Metaflow",
    "metaflow.Flow",
    "metaflow.Run",
    "metaflow.Step",
    "metaflow.Task",
    "metaflow.DataArtifact",
    "metaflow.client.core.MetaflowCode",
    "metaflow.client.core.MetaflowData",
    "metaflow.client.core.Metadata",
    "metaflow.Runner",
    "metaflow.NBRunner",
    "metaflow.Deployer",
    "metaflow.DeployedFlow",
    "metaflow.NBDeployer",
    "metaflow.runner.metaflow_runner.ExecutingRun",
    "metaflow.runner.deployer.TriggeredRun",
    "metaflow.S3",
    "metaflow.plugins.datatools.s3.s3.S3Object",
    "metaflow.FlowMutator",
    "metaflow.StepMutator",
    "metaflow.UserStepDecorator",
    "metaflow.user_decorators.mutable_flow.MutableFlow",
    "metaflow.user_decorators.mutable_step.MutableStep",
    "metaflow.events.Trigger",
)


def public_names(module: ModuleType) -> list[str]:
    """Names that a module offers: not its imports of the standard library, nor modules."""
    found = []
    for name, value in vars(module).items():
        of = getattr(value, "__module__", None) or "metaflow"
        if name.startswith("_") or isinstance(value, ModuleType) or not of.startswith("metaflow"):
            continue
        if (
            inspect.isclass(value) or inspect.isfunction(value) or module.__name__ == "metaflow"
        ) and name.isidentifier():
            found.append(name)
    return sorted(found)


def members(path: str) -> list[str]:
    """Public methods and properties of a class."""
    module, _, name = path.rpartition(".")
    found: Any = getattr(importlib.import_module(module), name)
    return sorted(one for one in dir(found) if not one.startswith("_"))


def options(command: Any, prefix: str) -> dict[str, list[str]]:
    """Options of a command and of those below it."""
    found = {prefix: sorted({opt for one in command.params for opt in one.opts + one.secondary_opts if opt[0] == "-"})}
    for name in sorted(command.list_commands(None)) if hasattr(command, "list_commands") else ():
        found.update(options(command.get_command(None, name), f"{prefix} {name}".strip()))
    return found


def commands() -> dict[str, Any]:
    """Verbs of a flow and of ``metaflow``."""
    from metaflow import cli
    from metaflow.cmd import main_cli

    return {"flow": options(cli.start, ""), "metaflow": options(main_cli.start, "")}


def sources() -> str:
    """All of the package's own source."""
    root = Path(importlib.import_module("metaflow").__file__ or "").parent
    files = [file for file in root.rglob("*.py") if "_vendor" not in file.parts]
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))


def current_names(text: str) -> list[str]:
    """What ``current`` answers, with what decorators add."""
    from metaflow.metaflow_current import Current

    added = re.findall(r"_update_env\(\s*\{\s*\"(\w+)\"", text)
    return sorted({*(one for one in dir(Current) if not one.startswith("_")), *added, "parallel", "card", "trigger"})


def decorators() -> dict[str, dict[str, list[str]]]:
    """Decorators with their arguments."""
    from metaflow import plugins

    kinds = {"step": plugins.STEP_DECORATORS, "flow": plugins.FLOW_DECORATORS}
    return {
        kind: {one.name: sorted(one.defaults) for one in found if not one.name.endswith("_internal")}
        for kind, found in kinds.items()
    }


def main() -> None:
    """Write all of it."""
    text = sources()
    inventory = {
        "modules": {name: public_names(importlib.import_module(name)) for name in MODULES},
        "classes": {path: members(path) for path in CLASSES},
        "current": current_names(text),
        "commands": commands(),
        "decorators": decorators(),
        "settings": sorted(set(re.findall(r"from_conf\(\s*\"([A-Z0-9_]+)\"", text))),
    }
    json.dump(inventory, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
