"""Makes docs/reference/coming-from-metaflow.md: every public name of Metaflow, and what it is here.

``python tests/parity/table.py`` writes the page; with ``--inventory`` it first asks Metaflow anew what it offers.
What can't be derived from the two packages is said in states.toml; of what is named there as "not yet" by its full
name, the line is taken away when the name is here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.parity.metaflow import METAFLOW_VERSION, metaflow_python
from support.sources import ROOT

HERE = Path(__file__).parent
INVENTORY = HERE / "metaflow.json"
STATES = HERE / "states.toml"
PAGE = ROOT / "docs" / "reference" / "coming-from-metaflow.md"

#: Where a module's names are here.
MODULES = {
    "metaflow": "flowkit",
    "metaflow.exception": "flowkit.errors",
    "metaflow.runner.metaflow_runner": "flowkit.runner",
    "metaflow.runner.deployer": "flowkit.runner",
    "metaflow.plugins.datatools": "flowkit.datatools",
}


@attrs.frozen
class Item:
    """One thing that Metaflow offers."""

    group: str
    name: str

    @property
    def key(self) -> str:
        """As states.toml names it."""
        return f"{self.group}: {self.name}"


@attrs.frozen
class Row:
    """An item and its state."""

    item: Item
    state: str


def items(inventory: Mapping[str, Any]) -> Iterator[tuple[Item, bool]]:
    """Everything, and whether the very same is here."""
    for module, names in inventory["modules"].items():
        for name in names:
            yield Item(f"module {module}", name), _has(MODULES.get(module, module.replace("metaflow", "flowkit")), name)
    for path, names in inventory["classes"].items():
        found = _class(path.rpartition(".")[2])
        for name in names:
            yield Item(f"class {path.rpartition('.')[2]}", name), found is not None and _offers(found, name)
    from flowkit.authoring.current import KNOWN, Current

    for name in inventory["current"]:
        yield Item("current", name), name in KNOWN or hasattr(Current, name)
    for scope, verbs in inventory["commands"].items():
        for verb, options in verbs.items():
            here = _options("flow" if scope == "flow" else "flowkit", verb)
            title = f"command {scope}{' ' if verb else ''}{verb}"
            if verb:
                yield Item(title, "the command itself"), here is not None
            for option in options:
                yield Item(title, option), here is not None and option in here
    for kind, decorators in inventory["decorators"].items():
        for name, arguments in decorators.items():
            known = _decorator(kind, name)
            yield Item(f"decorator @{name}", "the decorator itself"), known is not None
            for argument in arguments:
                yield Item(f"decorator @{name}", argument), known is not None and argument in known
    from flowkit.settings import SETTINGS

    settings = {*SETTINGS, *(alias for one in SETTINGS.values() for alias in one.aliases)}
    for name in inventory["settings"]:
        yield Item("setting METAFLOW_", name), name in settings


_ARRIVED = " is said to be not yet here, and is"


def take_away_what_arrived() -> None:
    """Take the lines of names that are here now out of states.toml."""
    arrived = {fault.removesuffix(_ARRIVED) for fault in rows()[1] if fault.endswith(_ARRIVED)}
    lines = STATES.read_text(encoding="utf-8").splitlines(keepends=True)
    STATES.write_text("".join(line for line in lines if line.strip(' ",\n') not in arrived), encoding="utf-8")


def rows() -> tuple[list[Row], list[str]]:
    """Rows of the page, and what is wrong with the states."""
    states = tomllib.loads(STATES.read_text(encoding="utf-8"))
    said = [(pattern, group["state"]) for group in states["group"] for pattern in group["items"]]
    used: set[str] = set()
    found, faults = [], []
    for item, is_same in items(json.loads(INVENTORY.read_text(encoding="utf-8"))):
        pattern, state = next(((one, state) for one, state in said if fnmatchcase(item.key, one)), ("", ""))
        if is_same and state.startswith("not yet") and pattern == item.key:
            faults.append(f"{item.key}{_ARRIVED}")
        if pattern and (not is_same or pattern == item.key):
            used.add(pattern)
            found.append(Row(item, state))
        elif is_same:
            found.append(Row(item, "same"))
        else:
            faults.append(f"{item.key} isn't here, and states.toml doesn't say why")
    faults += [f"states.toml: {one!r} is about nothing" for one, _ in said if one not in used]
    return found, faults


def page(found: list[Row]) -> str:
    """The page."""
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(row.item.group, []).append(row)
    open_count = sum(row.state.startswith("not yet") for row in found)
    lines = [
        "# Coming from Metaflow",
        "",
        "A flow file, notebook or script that was written for Metaflow works after its import line is changed. This is",
        f"every public name of Metaflow {METAFLOW_VERSION} and what it is here, made from the two packages by",
        "`python tests/parity/table.py`.",
        "",
        f"{len(found)} names; {open_count} are not here yet.",
        "",
    ]
    for group, of_group in groups.items():
        same = [row for row in of_group if row.state == "same"]
        lines += [f"## {group[0].upper()}{group[1:]}", ""]
        if same:
            lines += ["The same: " + ", ".join(f"`{row.item.name}`" for row in same) + ".", ""]
        other = [row for row in of_group if row.state != "same"]
        if other:
            lines += ["| Metaflow | here |", "|---|---|"]
            lines += [f"| `{row.item.name}` | {row.state} |" for row in other]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def record_inventory() -> str:
    """What Metaflow itself says that it offers."""
    command = [str(metaflow_python()), str(HERE / "inventory.py")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout + "\n"


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False


def _offers(found: type[Any], name: str) -> bool:
    """Whether a class, or what its __init__ sets, has an attribute."""
    import inspect
    import re

    return hasattr(found, name) or bool(re.search(rf"self\.{name}\b[^=\n]* = ", inspect.getsource(found)))


def _class(name: str) -> Any:
    renamed = {"Metaflow": "FlowKit", "MetaflowCode": "TaskCode", "MetaflowData": "TaskData"}
    places = ("flowkit", "flowkit.client", "flowkit.runner", "flowkit.events", "flowkit.plugin")
    for module in places:
        if _has(module, renamed.get(name, name)):
            return getattr(import_module(module), renamed.get(name, name))
    return None


def _options(scope: Any, verb: str) -> set[str] | None:
    """Options of a command; None if there is no such command."""
    import click

    from flowkit.authoring.flowspec import FlowSpec
    from flowkit.cli.context import FlowContext
    from flowkit.cli.flow_group import FlowGroup
    from flowkit.errors import FlowkitError
    from flowkit.kernel.registry import default_registry

    context = FlowContext(type("Any", (FlowSpec,), {}))
    group = FlowGroup(context)
    top = click.Context(group, obj=context)
    if not verb:
        # What the groups themselves add.
        own = {"--help", "--config", "--config-value"} if scope == "flow" else {"--help"}
        return own | (_names(group.get_params(top)) if scope == "flow" else set())
    first, *rest = verb.split()
    try:
        command = default_registry().get("commands", first, scope=scope)
    except FlowkitError:
        return None
    for name in rest:
        command = command.get_command(click.Context(command), name) if isinstance(command, click.Group) else None
        if command is None:
            return None
    return {"--help", *_names(command.get_params(click.Context(command, parent=top)))}


def _names(params: list[Any]) -> set[str]:
    return {name for one in params for name in (*one.opts, *one.secondary_opts)}


def _decorator(kind: str, name: str) -> Mapping[str, Any] | None:
    from flowkit.errors import FlowkitError
    from flowkit.kernel.registry import default_registry

    try:
        found: Mapping[str, Any] = default_registry().get(f"{kind}_decorators", name).defaults
    except FlowkitError:
        return None
    return found


def main(arguments: list[str]) -> int:
    """Write the page; 1 if something is unaccounted for."""
    if "--inventory" in arguments:
        INVENTORY.write_text(record_inventory(), encoding="utf-8")
    take_away_what_arrived()
    found, faults = rows()
    PAGE.write_text(page(found), encoding="utf-8")
    print("\n".join(faults) or f"{PAGE.relative_to(ROOT)}: {len(found)} names")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
