"""The reference page says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import click

from flowkit_service.commands.service import service
from flowkit_service.server.listing_query import (
    _OPERATORS,
    ARTIFACT_FIELDS,
    FLOW_FIELDS,
    METADATA_FIELDS,
    MOST_ON_A_PAGE,
    RUN_FIELDS,
    STEP_FIELDS,
    TASK_FIELDS,
)
from flowkit_service.server.routes import admin, artifacts, flows, metadata, operations, runs, steps, tasks

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "metadata-service.md").read_text(encoding="utf-8")
SOURCES = Path(operations.__file__).parents[2]


def part(title: str) -> str:
    return REFERENCE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_each_operation_is_described() -> None:
    table = part("FlowKit's own operations").partition("| operation |")[2]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(operations.OPERATIONS)


def test_each_command_and_option_is_described() -> None:
    text = part("Commands")
    for name, command in service.commands.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `flowkit service {name}`"))
        for option in command.params:
            assert isinstance(option, click.Option)
            if name != "migrate":
                assert f"`{option.opts[0]}`" in row, option


def test_each_setting_is_described() -> None:
    read = {
        name
        for file in SOURCES.rglob("*.py")
        for name in re.findall(r'settings\.get\("(\w+)"\)', file.read_text(encoding="utf-8"))
    }
    rows = re.findall(r"^\| `(\w+)`", part("Settings"), re.MULTILINE)
    assert sorted(rows) == sorted(read)


def test_each_filter_is_described() -> None:
    text = part("The REST interface")
    fields = (ARTIFACT_FIELDS, FLOW_FIELDS, METADATA_FIELDS, RUN_FIELDS, STEP_FIELDS, TASK_FIELDS)
    for name in (*(name for one in fields for name in one), *_OPERATORS):
        assert f"`{name}`" in text
    assert f"{MOST_ON_A_PAGE:,}" in text


def test_each_route_is_described() -> None:
    text = part("The REST interface")
    kinds = {"run_number": "run", "flow_id": "flow", "step_name": "step", "task_id": "task"}
    kinds |= {"artifact_name": "name", "attempt_id": "n"}
    for module in (admin, flows, runs, steps, tasks, metadata, artifacts):
        for route in module.ROUTES:
            path = route.path
            for theirs, ours in kinds.items():
                path = path.replace(f"{{{theirs}}}", f"{{{ours}}}")
            path = path.replace("/flows/{flow}/runs/{run}", "RUN").replace("RUN/steps/{step}/tasks/{task}", "TASK")
            method = next(iter((route.methods or {"GET"}) - {"HEAD"}))
            assert f"`{method} {path}`" in text, (method, path)
