"""FlowKit and its plugins as an archive, and what unpacks archives where there is nothing yet."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.kernel.registry import Registry, default_registry
from flowkit.packaging import unpack
from flowkit.packaging.archive import CodeArchive, write_archive
from flowkit.packaging.framework import pack_framework
from flowkit.settings import Settings
from support.distributions import Site


def test_it_holds_flowkit_and_nothing_that_can_be_made_again() -> None:
    names = pack_framework(default_registry()).archive.names()
    assert {"flowkit/__init__.py", "flowkit/py.typed", "flowkit/task/__main__.py"} < set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("flowkit/tutorials")]


def test_it_is_the_same_each_time() -> None:
    assert pack_framework(default_registry()).archive.sha256 == pack_framework(default_registry()).archive.sha256


def test_plugins_are_in_it_unless_they_are_compiled(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.plugin("pure", "")
    site.plugin("hard", "")
    (site.folder / "plugin_hard").mkdir()
    (site.folder / "plugin_hard.py").rename(site.folder / "plugin_hard/__init__.py")
    (site.folder / "plugin_hard/fast.so").write_bytes(b"\x7fELF")
    monkeypatch.syspath_prepend(str(site.folder))
    monkeypatch.setenv("FLOWKIT_PLUGINS", "pure,hard")
    package = pack_framework(Registry.for_flow(Settings.load(), str(tmp_path / "flow.py")))
    names = package.archive.names()
    assert "plugin_pure.py" in names
    assert [name for name in names if name.endswith("entry_points.txt")]
    assert not [name for name in names if name.startswith("plugin_hard")]
    assert package.left_out == ("flowkit-hard",)


# --- unpacking ---------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> tuple[str, str]:
    """A file with an archive, and its hash."""
    made = CodeArchive(write_archive(iter([("tool.py", b"NAME = 'unpacked'\n", False)])))
    file = tmp_path / "code.tar.gz"
    file.write_bytes(made.content)
    return str(file), made.sha256


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, by its text alone, in an interpreter that has no site-packages."""
    (folder / "unpack.py").write_text(unpack.unpack_script())
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "unpack.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
    )


def test_the_program_needs_the_standard_library_alone() -> None:
    tree = ast.parse(unpack.unpack_script())
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules <= set(sys.stdlib_module_names)


def test_it_unpacks_and_becomes_the_command(tmp_path: Path, archive: tuple[str, str]) -> None:
    command = [sys.executable, "-S", "-c", "import tool; print(tool.NAME)"]
    done = start(tmp_path, *archive, "code", "--", *command)
    assert (done.stdout, done.stderr, done.returncode) == ("unpacked\n", "", 0)
    failing = start(tmp_path, *archive, "code", "--", sys.executable, "-S", "-c", "raise SystemExit(7)")
    assert failing.returncode == 7


def test_it_refuses_what_it_was_not_told_of(tmp_path: Path, archive: tuple[str, str]) -> None:
    done = start(tmp_path, archive[0], "0" * 64, "code", "--", "true")
    assert done.returncode == 1
    assert "isn't what was stored" in done.stderr
    assert not (tmp_path / "code").exists()


@pytest.mark.parametrize(
    "arguments", [[], ["--"], ["a", "--", "true"], ["a", "b", "c"], ["a", "b", "c", "--"], ["--", "no-such-command"]]
)
def test_it_tells_what_it_cannot_do(tmp_path: Path, arguments: list[str]) -> None:
    done = start(tmp_path, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "usage" in done.stderr or "can't be started" in done.stderr
