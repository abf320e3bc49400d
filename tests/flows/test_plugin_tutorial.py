"""The tutorial of plugins works as it says, in an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.cli.commands.plugins.scaffold import PARTS, Scaffold
from support.doc_examples import blocks_of, run_page
from support.project import Project
from support.sources import ROOT
from support.virtual_environment import VirtualEnvironment

PAGE = ROOT / "docs/tutorial/plugin.md"


@pytest.mark.task_start("fork", reason="the trace on the page shows the plugin imported once for all tasks")
def test_all_of_it_works_as_it_says(project: Project, tmp_path: Path) -> None:
    environment = VirtualEnvironment.make(tmp_path / "environment")
    assert run_page(PAGE, project, environment.programs) > 20


def test_the_files_that_it_shows_are_those_that_are_made() -> None:
    made = Scaffold.make("acme", list(PARTS)).files()
    names = [block.file_name for block in blocks_of(PAGE)]
    shown = {name.partition("/")[2] for name in names if name and name.startswith("flowkit-acme/")}
    assert {path for path in made if path.startswith("src/") and path.endswith(".py")} - shown == {
        "src/flowkit_acme/__init__.py"
    }
    for block in blocks_of(PAGE):
        name = block.file_name or ""
        if name.startswith("flowkit-acme/"):
            assert block.text == made[name.removeprefix("flowkit-acme/")], f"{block.where}: {name}"
