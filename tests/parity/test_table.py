"""Every public name of Metaflow is accounted for, and the page of them is of these packages."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import flowkit
from flowkit.settings_table import SETTINGS


@pytest.fixture(scope="module")
def table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("parity_table", Path(__file__).with_name("table.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["parity_table"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMMAND = "python tests/parity/table.py"


def test_every_name_is_accounted_for(table: ModuleType) -> None:
    found, faults = table.rows()
    assert not faults, f"run {COMMAND}, and mend tests/parity/states.toml if that isn't enough:\n" + "\n".join(faults)
    assert len(found) > 1000


def test_the_page_is_what_the_script_makes(table: ModuleType) -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page(table.rows()[0]), f"write it anew: {COMMAND}"


def test_what_is_said_to_be_renamed_is_there(table: ModuleType) -> None:
    places = [flowkit, importlib.import_module("flowkit.errors"), importlib.import_module("flowkit.events")]
    places += [importlib.import_module("flowkit.datatools")]
    for name in ("flowkit.cards", "flowkit.datatools.s3"):
        places += [importlib.import_module(name)] if importlib.util.find_spec(name) else []
    renamed = [row.state for row in table.rows()[0] if row.state.startswith("renamed: ")]
    assert renamed
    for state in renamed:
        for name in re.findall(r"`([A-Z]\w+)`", state):
            assert name in SETTINGS or any(hasattr(place, name) for place in places), state


@pytest.mark.parametrize(
    ("name", "here"),
    [("module metaflow: FlowSpec", True), ("class Task: parent_tasks", True), ("command flow run: --tag", True)],
)
def test_what_is_the_same_is_found(table: ModuleType, name: str, here: bool) -> None:
    states = {row.item.key: row.state for row in table.rows()[0]}
    assert (states[name] == "same") is here


@pytest.mark.long
def test_the_inventory_is_what_metaflow_offers(table: ModuleType) -> None:
    recorded = table.INVENTORY.read_text(encoding="utf-8")
    assert table.record_inventory() == recorded, f"Metaflow offers other names; record them: {COMMAND} --inventory"
