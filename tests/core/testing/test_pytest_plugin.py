"""Fixtures for authors, and the contract of secrets providers where it must fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = """
import os

FLOW = '''
from flowkit import FlowSpec, step

class ShortFlow(FlowSpec):
    @step
    def only(self):
        print("in the step")

if __name__ == "__main__":
    ShortFlow()
'''

def test_home(flowkit_home):
    assert os.environ["HOME"] == str(flowkit_home)
    assert os.environ["FLOWKIT_USER"] == "tester"
    assert "FLOWKIT_MAX_WORKERS" not in os.environ

def test_project(flow_project):
    flow_project.write("flow.py", FLOW)
    assert "in the step" in flow_project.run("run", check=True).stdout
    assert flow_project.store.is_dir()
    assert "plugins" in flow_project.flowkit("--help", check=True).stdout

def test_run(flowkit_run, flowkit_home):
    from flowkit import Flow, FlowSpec, step

    class OfThisTest(FlowSpec):
        @step
        def only(self):
            self.x = 1

    assert flowkit_run(OfThisTest).data.x == 1
    assert Flow("OfThisTest").latest_run.data.x == 1

def test_datastore(flowkit_datastore):
    assert flowkit_datastore.put("F/a", [b"abc"])
    assert flowkit_datastore.get("F/a") == b"abc"
"""
SECRETS = """
import json
from flowkit.errors import FlowkitError
from flowkit.interfaces.secrets_provider import SecretsProvider
from flowkit.testing.secrets import Secret, SecretsProviderContract

class Files(SecretsProvider):
    name = "files"
    def fetch(self, secret_id, options, role=None):
        try:
            text = open(secret_id).read()
        except OSError as error:
            raise FlowkitError(f"{secret_id} can't be read") from None
        try:
            return json.loads(text)
        except ValueError as error:
            raise FlowkitError("not JSON") from None

class TestFiles(SecretsProviderContract):
    provider_class = Files

    def raw_store(self, folder, values):
        (folder / "s").write_text(json.dumps(values))
        return Secret(str(folder / "s"))

    def missing(self, folder):
        return Secret(str(folder / "gone"))

    def unreadable(self, folder, value):
        (folder / "s").write_text(value)
        yield Secret(str(folder / "s"))
"""


def run_tests(folder: Path, source: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    import os

    (folder / "test_own.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, "test_own.py"]
    return subprocess.run(command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def test_the_fixtures_are_there_for_whoever_asks_for_them(tmp_path: Path) -> None:
    for arguments in ((), ("-p", "flowkit.testing.pytest_plugin")):
        asked = run_tests(tmp_path, FIXTURES, *arguments, FLOWKIT_MAX_WORKERS="3")
        assert asked.returncode == 0, asked.stdout
    left_out = run_tests(tmp_path, FIXTURES, "-p", "no:flowkit.testing.pytest_plugin")
    assert "fixture 'flowkit_home' not found" in left_out.stdout


def test_loading_them_loads_nothing_else() -> None:
    script = "import pytest, sys; import flowkit.testing.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    names = {name for name in done.stdout.split() if name.startswith("flowkit.")}
    assert names == {"flowkit.lazy", "flowkit.testing", "flowkit.testing.pytest_plugin", "flowkit.version"}


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (None, None),
        (("return json.loads(text)", "return {}"), "test_what_is_stored_is_fetched"),
        (("return json.loads(text)", "return {k: v.strip() for k, v in json.loads(text).items()}"), "any_text"),
        (("return json.loads(text)", "return {k: k and len(v) for k, v in json.loads(text).items()}"), "all_is_text"),
        (("return json", "import os; os.environ.update(json.loads(text)); return json"), "environment_is_left_alone"),
        (("{secret_id} can't", "it can't"), "a_missing_secret_is_an_error_that_names_it"),
        (('"not JSON"', "text"), "no_error_shows_a_value"),
        (('"not JSON") from None', '"not JSON") from ValueError(text)'), "no_error_shows_a_value"),
        (("return json", "print(text); return json"), "nothing_is_printed"),
    ],
)
def test_a_wrong_secrets_provider_fails_the_test_of_it(
    tmp_path: Path, change: tuple[str, str] | None, failed: str | None
) -> None:
    done = run_tests(tmp_path, SECRETS.replace(*change) if change else SECRETS)
    assert (done.returncode == 0) is (failed is None), done.stdout
    if failed is not None:
        assert any(failed in line for line in done.stdout.splitlines() if line.startswith("FAILED")), done.stdout
