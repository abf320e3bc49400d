"""Makes folders that look like installed distributions."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import attrs

__all__ = ["PREAMBLE", "Site"]

PREAMBLE = "from flowkit.plugin import *\n"


@attrs.frozen
class Site:
    """A folder like site-packages."""

    folder: Path

    def plugin(
        self, name: str, source: str = "", *, distribution: str | None = None, version: str = "1.0", module: str = ""
    ) -> Path:
        """A distribution with one plugin: its module is ``source`` after an import of all of ``flowkit.plugin``."""
        module = module or f"plugin_{name.replace('-', '_')}"
        self.module(module, PREAMBLE + textwrap.dedent(source))
        return self.distribution(distribution or f"flowkit-{name}", version, {name: module})

    def module(self, name: str, source: str) -> Path:
        """A module of one file."""
        file = self.folder / f"{name}.py"
        file.write_text(source, encoding="utf-8")
        return file

    def distribution(
        self, name: str, version: str, plugins: Mapping[str, str], *, suffix: str = ".dist-info", others: str = ""
    ) -> Path:
        """The metadata of a distribution; ``others`` is text of further groups of entry points."""
        metadata = "METADATA" if suffix == ".dist-info" else "PKG-INFO"
        stem = name.replace("-", "_")
        info = self.folder / (f"{stem}-{version}{suffix}" if suffix == ".dist-info" else f"{stem}{suffix}")
        info.mkdir()
        (info / metadata).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: not this\n")
        lines = [others, "[flowkit]", *(f"{key} = {value}" for key, value in plugins.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        return info
