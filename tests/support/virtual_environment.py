"""A virtual environment that sees what the tests' own has, and takes more."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import attrs

from support.need import missing
from support.project import Project

__all__ = ["VirtualEnvironment"]

_PIP = """#!{python}
# pip, offline: what is installed here needs nothing that isn't there.
import os, sys
command, *rest = sys.argv[1:]
own = ["--offline", "--no-deps", "--no-build-isolation", "--quiet"] if command == "install" else []
os.execv({uv!r}, [{uv!r}, "pip", command, "--python", {python!r}, *own, *rest])
"""
_FLOWKIT = """#!{python}
import sys
from flowkit.cli.main import main
main()
"""


@attrs.frozen
class VirtualEnvironment:
    """``programs`` is its folder of ``python``, ``pip``, ``flowkit`` and ``pytest``."""

    programs: Path

    @classmethod
    def make(cls, folder: Path) -> VirtualEnvironment:
        """A new one."""
        uv = Path(sys.executable).with_name("uv")
        if not uv.exists():
            missing("the program uv")
        import subprocess

        command = [str(uv), "venv", "--quiet", "--offline", "--python", sys.executable, str(folder)]
        subprocess.run(command, check=True)
        programs, python = folder / "bin", str(folder / "bin/python")
        (site,) = folder.glob("lib/python*/site-packages")
        # A folder of sites, not a folder of the path: editable installs in it count too.
        (site / "tests-own.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
        pytest = f"#!{python}\nimport pytest, sys\nsys.exit(pytest.console_main())\n"
        texts = {"pip": _PIP, "flowkit": _FLOWKIT}
        for name, text in {
            **{key: text.format(python=python, uv=str(uv)) for key, text in texts.items()},
            "pytest": pytest,
        }.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        return cls(programs)

    def use_in(self, project: Project) -> None:
        """Let ``python``, ``pip`` and the others be this one's in what the project's folder runs by a shell."""
        project.environment["PATH"] = f"{self.programs}:{project.environment['PATH']}"
