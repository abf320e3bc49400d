"""Fixtures for tests of plugins and flows.

pytest loads them wherever FlowKit is installed; they import nothing until a test asks for one, and change nothing for
tests that don't. ``-p no:flowkit.testing.pytest_plugin`` leaves them out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flowkit.client.run import Run
    from flowkit.interfaces.datastore import Datastore
    from flowkit.testing.project import Project

__all__ = ["flow_project", "flowkit_datastore", "flowkit_home", "flowkit_run"]


@pytest.fixture
def flowkit_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with no configuration in it, for this process and those that it starts.

    Variables named FLOWKIT_… are taken away, the user is called ``tester``, and the working folder is the test's own.
    """
    from flowkit.testing.project import clean_environment

    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    environment = clean_environment(home)
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def flow_project(flowkit_home: Path) -> Project:
    """A folder for a flow, and ways to run it there as a user would, in processes of their own."""
    from flowkit.testing.project import Project

    return Project.make(flowkit_home.parent)


@pytest.fixture
def flowkit_datastore(flowkit_home: Path) -> Iterator[Datastore]:
    """A datastore of this machine with nothing in it."""
    from flowkit.kernel.registry import Registry
    from flowkit.settings import Settings

    kind = Registry.discover(Settings.load()).get("datastores", "local")
    store: Datastore = kind.open(str(flowkit_home.parent / "datastore"))
    yield store
    store.close()


@pytest.fixture
def flowkit_run(flowkit_home: Path) -> Callable[..., Run]:
    """:func:`flowkit.testing.run_flow`, with all that it stores in the test's own folder, where the client reads."""
    from functools import partial

    from flowkit.testing.flow_run import run_flow

    return partial(run_flow, home=flowkit_home.parent)
