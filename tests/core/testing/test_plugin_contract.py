"""The plugin's contract holds for ours, and finds what is wrong with others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.testing.plugin import PluginContract
from support.need import need_module

GOOD = """
from flowkit.plugin import ConfigParser, Provider, SecretsProvider, hookimpl

class Own(SecretsProvider):
    name = "own"
    def fetch(self, secret_id, options, role=None):
        return {}

@hookimpl
def flowkit_secrets_providers():
    yield Provider("own", lambda: Own, help="One of mine")
"""


class TestBuiltin(PluginContract):
    module = "flowkit.builtin"


@pytest.mark.parametrize(
    "module",
    [
        "flowkit_aws.plugin",
        "flowkit_azure.plugin",
        "flowkit_gcp.plugin",
        "flowkit_cards.plugin",
        "flowkit_service.plugin",
    ],
)
def test_our_plugins_are_light(module: str) -> None:
    need_module(module.partition(".")[0])
    contract = PluginContract()
    contract.module = module  # type: ignore[misc]
    contract.test_registering_it_imports_nothing_heavy()


def outcome(folder: Path, source: str) -> tuple[str, str]:
    """The names of the tests that fail, and all that pytest says."""
    (folder / "own_plugin.py").write_text(source)
    (folder / "test_own.py").write_text(
        "from flowkit.testing.plugin import PluginContract\nclass TestOwn(PluginContract):\n    module = 'own_plugin'\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "pythonpath=.", "test_own.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    failed = [
        line.split("::test_")[1].split(" ")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED", "ERROR "))
    ]
    return " ".join(sorted(failed)), done.stdout


def test_a_good_plugin_passes(tmp_path: Path) -> None:
    failed, shown = outcome(tmp_path, GOOD)
    assert failed == ""
    assert "passed" in shown


@pytest.mark.parametrize(
    ("change", "failed", "words"),
    [
        (("@hookimpl\ndef", "def"), "all", "isn't marked"),
        (
            ("flowkit_secrets_providers()", "flowkit_secret_providers()"),
            "all",
            "did you mean flowkit_secrets_providers",
        ),
        (("flowkit_secrets_providers()", "flowkit_secrets_providers(flow)"), "all", "has no argument 'flow'"),
        (("lambda: Own", "lambda: int"), "what_it_provides_loads", "isn't a subclass of SecretsProvider"),
        (("lambda: Own", "lambda: Gone"), "what_it_provides_loads", "Gone"),
        (("help=", "api_version=7, help="), "api_versions_are_those_of_this_flowkit", "version 7"),
        (('name = "own"', 'name = "other"'), "what_it_provides_is_called_what_its_class_is", "own"),
        (('"own", lambda', '"inline", lambda'), "its_names_are_its_own", "is claimed by"),
        (('"own", lambda', '"o/wn", lambda'), "its_names_can_be_written", "'/'"),
        ((', help="One of mine"', ""), "help_is_one_line", "has no help"),
        (("from flowkit", "import sqlite3\nfrom flowkit"), "registering_it_imports_nothing_heavy", "sqlite3"),
        (("    yield", "    import hypothesis\n    yield"), "registering_it_imports_nothing_heavy", "hypothesis"),
    ],
)
def test_what_is_wrong_fails_the_test_of_it(tmp_path: Path, change: tuple[str, str], failed: str, words: str) -> None:
    assert change[0] in GOOD
    found, shown = outcome(tmp_path, GOOD.replace(*change))
    assert found if failed == "all" else failed in found
    assert words in shown


@pytest.mark.parametrize(("option", "whose"), [("--with", "FlowKit"), ("--branch", "@project"), ("--mine", "")])
def test_options_of_flow_decorators_must_be_new(tmp_path: Path, option: str, whose: str) -> None:
    decorator = f"""
class Noisy(FlowDecorator):
    name = "noisy"
    @classmethod
    def options(cls):
        import click
        yield click.Option(["{option}"])

@hookimpl
def flowkit_flow_decorators():
    yield Provider("noisy", lambda: Noisy, help="One of mine")
"""
    failed, shown = outcome(tmp_path, GOOD.replace("import ", "import FlowDecorator, ", 1) + decorator)
    assert failed == ("options_of_its_flow_decorators_replace_none" if whose else ""), shown
    assert not whose or f"@noisy: {option} is an option of {whose}" in shown
