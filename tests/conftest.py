"""Fixtures for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from flowkit.kernel import discovery
from flowkit.kernel.plugin_info import FoundPlugin
from flowkit.kernel.registry import default_registry
from flowkit.testing.pytest_plugin import flow_project, flowkit_home  # noqa: F401 (fixtures)
from support import task_start
from support.distributions import Site
from support.project import Project

# How long an example takes, or making it, says how busy the machine is.
settings.register_profile("flowkit", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("flowkit")


def pytest_addoption(parser: pytest.Parser) -> None:
    task_start.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    task_start.apply(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    task_start.skip_others(config, items)


@pytest.fixture(autouse=True)
def clean_process(flowkit_home: Path) -> None:  # noqa: F811 (a fixture)
    """No test sees this machine's configuration, or leaves a trace in the working tree."""


@pytest.fixture
def project(flow_project: Project) -> Project:  # noqa: F811 (a fixture)
    """A folder for a flow, and ways to run it there as a user would."""
    return flow_project


@pytest.fixture
def only_our_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In this process, of the installed plugins only those of :func:`site` are found."""
    find = discovery.find_plugins

    def find_here() -> list[FoundPlugin]:
        return find([entry for entry in sys.path if entry.startswith(str(tmp_path))])

    monkeypatch.setattr(discovery, "find_plugins", find_here)
    default_registry.cache_clear()
    yield
    default_registry.cache_clear()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A folder at the head of the import path; what was imported in the test is forgotten after it."""
    folder = tmp_path / "site"
    folder.mkdir()
    before: Mapping[str, object] = dict(sys.modules)
    monkeypatch.syspath_prepend(str(folder))
    yield Site(folder)
    for name in set(sys.modules) - set(before):
        module_file = getattr(sys.modules[name], "__file__", None) or ""
        if module_file.startswith(str(tmp_path)):
            del sys.modules[name]
