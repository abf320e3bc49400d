"""The reference of hooks is that of the specifications, and each hook is documented and tested."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flowkit.kernel.hookspecs import specification_modules
from support.sources import ROOT, python_files

PAGE = ROOT / "docs/reference/hooks.md"
HOOKS = {
    name: value
    for module in specification_modules()
    for name, value in vars(module).items()
    if hasattr(value, "flowkit_spec")
}


def test_the_page_is_what_the_script_writes() -> None:
    script = ROOT / "scripts/write_hooks_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_is_on_the_page_with_its_arguments_and_its_first_sentence(hook: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"\n### {hook}\n")[2].partition("\n### ")[0]
    code = HOOKS[hook].__code__
    head = next(line for line in section.splitlines() if line.startswith(f"def {hook}("))
    assert [part.split(":")[0].strip() for part in head.partition("(")[2].partition(")")[0].split(",") if part] == list(
        code.co_varnames[: code.co_argcount]
    )
    first = str(HOOKS[hook].__doc__).split(".")[0].split(":")[0].replace("``", "`")
    assert " ".join(first.split())[:40] in " ".join(section.split())


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_has_a_test_in_which_a_plugin_implements_it(hook: str) -> None:
    """In full, or by the name of its kind where a test writes the plugin's source."""
    kind = hook.removeprefix("flowkit_")
    texts = [file.read_text(encoding="utf-8") for file in python_files("tests/core", "tests/flows")]
    words = (f"def {hook}(", f'"{kind}"')
    assert any(word in text for text in texts for word in words), f"no test has {' or '.join(words)}"
