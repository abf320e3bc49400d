"""What Metaflow's names and modules are called here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import attrs

import flowkit
from flowkit.kernel.registry import Registry
from flowkit.kernel.suggestions import known_distributions

__all__ = ["THEIRS", "NameTable", "Translation"]

THEIRS = "metaflow"

#: ``renamed``: names that are others here. ``modules``: what modules are here. ``elsewhere``: where a name may be that
#: isn't in its own module, in this order. ``offered``: names of modules that needn't be installed, or loaded for this.
_FILE = Path(__file__).with_name("metaflow_names.json")
_KINDS = ("step_decorators", "flow_decorators", "exports")


@attrs.frozen
class Translation:
    """A name here."""

    module: str
    name: str
    #: What the user must know besides; empty for nothing.
    note: str = ""


class NameTable:
    """Metaflow's names and modules, with what FlowKit and its plugins have."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        table = json.loads(_FILE.read_text(encoding="utf-8"))
        self._renamed: Mapping[str, str] = table["renamed"]
        self._modules: Mapping[str, str] = table["modules"]
        self._elsewhere: Sequence[str] = table["elsewhere"]
        self._offered: dict[str, frozenset[str]] = {name: frozenset(own) for name, own in table["offered"].items()}
        self._loaded: set[str] = set()

    def name(self, module: str, name: str) -> Translation | None:
        """What ``name`` of Metaflow's ``module`` is here; None if there is no such thing.

        A name that is a module of its own is one, too: ``cards`` of ``metaflow``.
        """
        if (full := self.module(f"{module}.{name}")) is not None:
            parent, _, last = full.rpartition(".")
            return Translation(parent, last, self._note(full.partition(".")[2], ("modules",)))
        new = self._renamed.get(name, name)
        own = self.module(module)
        for candidate in dict.fromkeys((*([own] if own else []), *self._elsewhere)):
            if self._has(candidate, new):
                note = self._note(new, _KINDS) if candidate == "flowkit" else ""
                return Translation(candidate, new, note)
        return None

    def module(self, module: str) -> str | None:
        """What a module of Metaflow's is here; None if there is none."""
        if module in self._modules:
            return self._modules[module]
        name = module.removeprefix(f"{THEIRS}.")
        if name in self._registry.names("modules") or known_distributions(name, ("modules",)):
            return f"flowkit.{name}"
        return None

    def _has(self, module: str, name: str) -> bool:
        if module == "flowkit":
            return self._is_exported(name)
        if name in self._offered.get(module, ()):
            return True
        is_public = module.count(".") == 1
        if is_public and module not in self._loaded:
            self._loaded.add(module)
            self._offered[module] = self._offered.get(module, frozenset()) | _public_names(module)
        return name in self._offered.get(module, ())

    def _is_exported(self, name: str) -> bool:
        installed = any(name in self._registry.names(kind) for kind in _KINDS)
        return name in flowkit._NAMES or installed or bool(known_distributions(name, _KINDS))

    def _note(self, name: str, kinds: Iterable[str]) -> str:
        wanted = tuple(kinds)
        known = known_distributions(name, wanted)
        if name in flowkit._NAMES or not known or any(name in self._registry.names(kind) for kind in wanted):
            return ""
        return f"{name!r} comes with {known[0].name}, which isn't installed here"


def _public_names(module: str) -> frozenset[str]:
    try:
        if find_spec(module) is None:
            return frozenset()
        loaded = import_module(module)
    except ImportError:
        return frozenset()
    names = getattr(loaded, "__all__", None) or [name for name in vars(loaded) if not name.startswith("_")]
    return frozenset(names)
