"""Check the import contracts of pyproject.toml, and those of the plugins that are there.

import-linter wants each package named in its configuration. Plugins come and go, so theirs is made here: no plugin
imports another, and of the core each imports what is public only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

#: What a plugin may import of the core besides flowkit itself: its facade, the layers that are the plugins' language,
#: and the contracts and tools that are offered by name.
PUBLIC = {"plugin", "errors", "events", "ids", "interfaces", "model", "parameters", "testing", "settings", "client"}
PUBLIC |= {"cli", "lazy", "version"}


def plugin_packages() -> dict[str, Path]:
    """Packages of the plugins, by name, and the folders that they are imported from."""
    return {
        package.name: package.parent
        for package in sorted(ROOT.glob("plugins/*/src/*"))
        if (package / "__init__.py").is_file()
    }


def configuration(packages: list[str]) -> dict[str, Any]:
    """The contracts of pyproject.toml, with those of the plugins added."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    settings["root_packages"] = [*settings["root_packages"], *packages]
    if packages:
        private = sorted(
            f"flowkit.{path.stem}"
            for path in (ROOT / "core/src/flowkit").iterdir()
            if path.stem not in PUBLIC and not path.name.startswith(("_", ".", "py."))
            if (path / "__init__.py").is_file() or path.suffix == ".py"
        )
        settings["contracts"].append(
            {
                "name": "A plugin imports what is public of the core, and not pluggy",
                "type": "forbidden",
                "allow_indirect_imports": True,
                "source_modules": packages,
                "forbidden_modules": [*private, "pluggy"],
            }
        )
    if len(packages) > 1:
        contract = {"name": "Plugins are independent of each other", "type": "independence", "modules": packages}
        settings["contracts"].append(contract)
    return settings


def as_toml(settings: dict[str, Any]) -> str:
    """The settings as a file of import-linter's: JSON's strings, lists and flags are TOML's too."""
    contracts = settings.pop("contracts")
    blocks = [("[tool.importlinter]", settings), *(("[[tool.importlinter.contracts]]", one) for one in contracts)]
    lines: list[str] = []
    for heading, values in blocks:
        lines += [heading, *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def main() -> int:
    """Run lint-imports over the sources (not over what is installed)."""
    packages = plugin_packages()
    paths = [str(ROOT / "core/src"), *dict.fromkeys(map(str, packages.values()))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contracts.toml"
        file.write_text(as_toml(configuration(list(packages))), encoding="utf-8")
        program = (
            f"import sys; sys.path[:0] = {paths!r}\n"
            f"from importlinter.cli import lint_imports\n"
            f"sys.exit(lint_imports({str(file)!r}, no_cache=True, no_logo=True))"
        )
        return subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
