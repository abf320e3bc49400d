"""A folder with a flow in it, and ways to run the flow there as a user would.

::

    def test_a_run(flow_project):
        flow_project.use_plugin("flowkit_acme.plugin")
        flow_project.write("flow.py", FLOW)
        assert "hello" in flow_project.run("run", check=True).stdout
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Mapping
from pathlib import Path

import attrs

__all__ = ["Project", "clean_environment"]

_DROPPED = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHASHSEED", "SUDO_USER"}


def clean_environment(home: Path) -> dict[str, str]:
    """This process's environment without what would change how FlowKit behaves, and with a home of its own."""
    kept = {
        name: value for name, value in os.environ.items() if name not in _DROPPED and not name.startswith("FLOWKIT_")
    }
    return {**kept, "HOME": str(home), "FLOWKIT_HOME": str(home / ".flowkitconfig"), "FLOWKIT_USER": "tester"}


@attrs.frozen
class Project:
    """A user's project: ``path`` is its folder, and the working folder of all that is run."""

    path: Path
    home: Path
    environment: dict[str, str]

    @classmethod
    def make(cls, root: Path) -> Project:
        """A new one below ``root``."""
        path, home = root / "project", root / "home"
        path.mkdir()
        home.mkdir(exist_ok=True)
        return cls(path, home, clean_environment(home))

    @property
    def store(self) -> Path:
        """The folder of its artifacts and metadata."""
        return self.path / ".flowkit"

    def write(self, name: str, text: str) -> Path:
        """Write a file, its text dedented."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def run(
        self,
        *arguments: str,
        flow: str = "flow.py",
        check: bool = False,
        env: Mapping[str, str | None] | None = None,
        timeout: float = 120,
        input: str | None = None,  # noqa: A002 (subprocess's name for it)
    ) -> subprocess.CompletedProcess[str]:
        """``python flow.py …``. With ``check``, a status other than 0 fails the test and shows both streams."""
        return self.python(flow, *arguments, check=check, env=env, timeout=timeout, input=input)

    def flowkit(
        self, *arguments: str, check: bool = False, env: Mapping[str, str | None] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """The ``flowkit`` command."""
        program = Path(sysconfig.get_path("scripts")) / "flowkit"
        return self._run([str(program), *arguments], check, env, timeout, None)

    def python(
        self,
        *arguments: str,
        check: bool = False,
        env: Mapping[str, str | None] | None = None,
        timeout: float = 120,
        input: str | None = None,  # noqa: A002 (subprocess's name for it)
    ) -> subprocess.CompletedProcess[str]:
        """The interpreter of the tests."""
        return self._run([sys.executable, *arguments], check, env, timeout, input)

    def popen(
        self, *arguments: str, flow: str = "flow.py", env: Mapping[str, str | None] | None = None
    ) -> subprocess.Popen[str]:
        """``python flow.py …`` in a session of its own, not waited for; both streams are pipes."""
        return subprocess.Popen(
            [sys.executable, flow, *arguments],
            cwd=self.path,
            env=self.variables(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def variables(self, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The environment with ``changes``; None takes a variable away."""
        merged: dict[str, str | None] = {**self.environment, **(changes or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def _run(
        self,
        command: list[str],
        check: bool,
        env: Mapping[str, str | None] | None,
        timeout: float,
        text: str | None,
    ) -> subprocess.CompletedProcess[str]:
        stdin = None if text is not None else subprocess.DEVNULL
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.variables(env),
            stdin=stdin,
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            shown = " ".join(command)
            raise AssertionError(
                f"{shown} ended with {done.returncode}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
            )
        return done

    def use_plugin(self, module: str) -> None:
        """Make the plugin ``module`` one of the project's, installed or not."""
        from flowkit.kernel.distributions import find_plugins

        if not any(found.module == module for found in find_plugins()):
            self.environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
            self.write("flowkit_plugins.py", f"from {module} import *\n")
