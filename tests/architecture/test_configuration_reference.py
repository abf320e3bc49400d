"""The reference of settings is that of the table."""

from __future__ import annotations

import subprocess
import sys

from flowkit.settings import SETTINGS
from support.sources import ROOT

PAGE = ROOT / "docs/reference/configuration.md"


def test_the_page_is_what_the_script_writes() -> None:
    script = ROOT / "scripts/write_configuration_reference.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_has_each_setting_with_its_help() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, setting in SETTINGS.items():
        assert f"### {name}\n\n{setting.help}\n" in text


def test_each_setting_has_a_test() -> None:
    tests = (ROOT / "tests/core/test_settings.py").read_text(encoding="utf-8")
    # All but those that say which files are read are tested by name of the table.
    assert 'sorted(set(SETTINGS) - {"HOME", "PROFILE"})' in tests
    assert "FLOWKIT_HOME" in tests
    assert "FLOWKIT_PROFILE" in tests
