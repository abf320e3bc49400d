"""Which serializer stores a value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts.pickling import Reducers
from flowkit.errors import UnknownCapability
from flowkit.interfaces.serializer import Serializer

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry
    from flowkit.model.artifact import ArtifactEntry

__all__ = ["PICKLE", "Claim", "SerializerTable", "dotted_type"]

#: What stores a value that no serializer claims.
PICKLE = "pickle"


def dotted_type(kind: type) -> str:
    """``module.Qualified.Name``."""
    return f"{kind.__module__}.{kind.__qualname__}"


@attrs.frozen(eq=False)
class Claim:
    """One serializer, and the types that it claims."""

    name: str
    #: Imports and returns the serializer's class.
    load: Callable[[], type[Serializer]]
    #: Dotted names.
    types: tuple[str, ...] = ()
    priority: int = 0


class SerializerTable:
    """Serializers by the types that they claim; none is loaded before a value of such a type comes.

    A value goes to a serializer that claims its type, or else the nearest base of it that is claimed; of several, to
    the one of the highest priority that accepts the value; if there is none, it is pickled.
    """

    def __init__(self, claims: Iterable[Claim] = (), chosen: Mapping[str, str] | None = None) -> None:
        self._claims = {claim.name: claim for claim in claims}
        self._chosen = dict(chosen or {})
        self._loaded: dict[str, Serializer] = {}
        self._candidates: dict[type, tuple[str, ...]] = {}
        self._by_type: dict[str, list[Claim]] = {}
        for claim in sorted(self._claims.values(), key=lambda claim: (-claim.priority, claim.name)):
            for name in claim.types:
                self._by_type.setdefault(name, []).append(claim)
        #: Modules that claimed types are in, of which the reducers weren't asked for yet.
        self._unasked = {
            (name.partition(".")[0], claim.name) for claim in self._claims.values() for name in claim.types
        }
        self._reducers: dict[type, Callable[[Any], Any]] = {}

    @classmethod
    def from_registry(cls, registry: Registry) -> SerializerTable:
        """The serializers of all plugins."""

        def loader(name: str) -> Callable[[], type[Serializer]]:
            def load() -> type[Serializer]:
                kind: type[Serializer] = registry.get("serializers", name)
                return kind

            return load

        providers = [entry.provider for entry in registry.providers("serializers")]
        return cls(Claim(one.name, loader(one.name), one.types, one.priority) for one in providers)

    def choose(self, dotted: str, serializer: str) -> SerializerTable:
        """A table in which values of that type (and its subclasses) go to that serializer, if it accepts them.

        The dotted name may be the class's own or one that it has elsewhere: ``pandas.DataFrame``.

        This is how a flow asks for JSON or Parquet, which claim no type by themselves; ``"pickle"`` can be chosen too.
        Raises UnknownCapability if no plugin provides the serializer.
        """
        if serializer != PICKLE:
            self._claim(serializer)
        return SerializerTable(self._claims.values(), {**self._chosen, dotted: serializer})

    def choosing(self, chosen: Mapping[str, str]) -> SerializerTable:
        """As :meth:`choose`, for several types. Raises UnknownCapability."""
        table = self
        for dotted, serializer in chosen.items():
            table = table.choose(dotted, serializer)
        return table

    def pick(self, value: Any) -> Serializer | None:
        """What stores the value; None for pickle."""
        kind = type(value)
        names = self._candidates.get(kind)
        if names is None:
            names = self._candidates[kind] = self._find(kind)
        for name in names:
            if name == PICKLE:
                return None
            serializer = self.named(name)
            if serializer.accepts(value):
                return serializer
        return None

    def can_store_again(self, entry: ArtifactEntry, value: Any) -> bool:
        """Whether the serializer that wrote an entry takes a value that was loaded from it, and may be changed."""
        if entry.type != dotted_type(type(value)):
            return False
        return entry.serializer == PICKLE or self.named(entry.serializer).accepts(value)

    def named(self, name: str) -> Serializer:
        """The serializer of that name. Raises UnknownCapability if no plugin provides it, as the registry does."""
        serializer = self._loaded.get(name)
        if serializer is None:
            serializer = self._loaded[name] = self._claim(name).load()()
        return serializer

    def reducers(self) -> Reducers:
        """How values of libraries that are imported by now are pickled inside others."""
        ready = [item for item in self._unasked if item[0] in sys.modules]
        for item in ready:
            self._unasked.discard(item)
            self._reducers.update(self.named(item[1]).reducers())
        return self._reducers

    def _claim(self, name: str) -> Claim:
        claim = self._claims.get(name)
        if claim is None:
            known = ", ".join(sorted([*self._claims, PICKLE]))
            raise UnknownCapability(
                f"no installed plugin provides the serializer {name!r} (there are: {known}); "
                "'flowkit plugins list' shows what is installed and what failed to load"
            )
        return claim

    def _find(self, kind: type) -> tuple[str, ...]:
        if not (self._by_type or self._chosen):
            return ()
        for base in kind.__mro__:
            dotted = dotted_type(base)
            names = [claim.name for claim in self._by_type.get(dotted, ())]
            names[:0] = [chosen for name, chosen in self._chosen.items() if name == dotted or _is_name_of(name, base)]
            if names:
                return tuple(names)
        return ()


def _is_name_of(dotted: str, kind: type) -> bool:
    """Whether a dotted name leads to a class, in a module that is imported already."""
    parts = dotted.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: Any = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            for name in parts[length:]:
                found = getattr(found, name, None)
            return found is kind
    return False
