"""What flows, runs, steps, tasks and artifacts have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

from flowkit.client.namespaces import get_namespace
from flowkit.client.run_context import RunContext, View
from flowkit.client.source import get_metadata
from flowkit.errors import ChildNotFound, NamespaceMismatch
from flowkit.ids import Kind, Pathspec
from flowkit.model.record import RunRecord

__all__ = ["ClientObject", "Container", "InRun", "class_of", "local_time"]

C = TypeVar("C", bound="ClientObject")


def local_time(at: float) -> datetime:
    """Seconds since the epoch as this machine's local time, without a zone."""
    return datetime.fromtimestamp(at)


class ClientObject(ABC):
    """A flow, run, step, task or artifact.

    Objects that are one and the same thing are equal. They can be pickled; an unpickled one reads from where it did,
    whatever the namespace is by then.

    Parameters
    ----------
    pathspec
        ``Flow[/run[/step[/task[/artifact]]]]``, with as many components as the class needs.

    Raises
    ------
    InvalidPathspec, NotFound
    NamespaceMismatch
        If it belongs to a run that isn't in the namespace in force; see :func:`flowkit.namespace`.
    """

    kind: ClassVar[Kind]
    # By kind: an object names its parent's class through this, since the parent's module imports its own.
    _classes: ClassVar[dict[Kind, type[ClientObject]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:
            ClientObject._classes[cls.kind] = cls

    def __init__(self, pathspec: str, **state: Any) -> None:
        path = Pathspec.parse(str(pathspec), self.kind).components
        self._setup(View(get_metadata(), get_namespace()), path)
        vars(self).update(state)
        self._check()

    def _setup(self, view: View, path: tuple[str, ...]) -> None:
        """Set the fields that every object of the class has. Reads nothing."""
        self._view = view
        self._path = path

    @abstractmethod
    def _check(self) -> None:
        """Raise NotFound or NamespaceMismatch if a user may not have this object."""

    @classmethod
    def _at(cls, view: View, path: tuple[str, ...], **state: Any) -> Self:
        """Make an object without reading anything."""
        made = cls.__new__(cls)
        made._setup(view, path)
        vars(made).update(state)
        return made

    # --- identity --------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The last component of the pathspec."""
        return self._path[-1]

    @property
    def pathspec(self) -> str:
        """``Flow[/run[/step[/task[/artifact]]]]``."""
        return "/".join(self._path)

    @property
    def path_components(self) -> list[str]:
        """The pathspec's components."""
        return list(self._path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClientObject) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        return (self.kind, self._path, self._view.metadata)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self._view, self._path, self._pickled()))

    def _pickled(self) -> dict[str, object]:
        """Fields besides those of every object that a pickle must hold."""
        return {}

    def __repr__(self) -> str:
        notes = [note for note in self._notes() if note]
        return f"{type(self).__name__}({', '.join([repr(self.pathspec), *notes])})"

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.pathspec!r})"

    def _notes(self) -> list[str]:
        """What is shown beside the pathspec in a notebook. Reads nothing from the store, and never fails."""
        return []

    # --- what all have ---------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def parent(self) -> ClientObject | None:
        """The object that this one is in; None for a flow."""

    @property
    @abstractmethod
    def created_at(self) -> datetime:
        """When it began to be, in local time."""

    @property
    @abstractmethod
    def tags(self) -> frozenset[str]:
        """The run's tags, the user's and the system's."""

    @property
    @abstractmethod
    def user_tags(self) -> frozenset[str]:
        """Tags that the run was given by a user."""

    @property
    @abstractmethod
    def system_tags(self) -> frozenset[str]:
        """Tags that FlowKit gave the run."""

    @property
    @abstractmethod
    def origin_pathspec(self) -> str | None:
        """Of what this is a copy, where its run resumed another; else None."""

    def is_in_namespace(self) -> bool:
        """Whether it is in the namespace that it was made in."""
        return self._view.namespace is None or self._view.namespace in self.tags


def _restore(cls: type[ClientObject], view: View, path: tuple[str, ...], state: dict[str, object]) -> ClientObject:
    return cls._at(view, path, **state)


class Container(ClientObject, Generic[C]):
    """An object with children: iterable, newest first; indexed by a child's id; ``in`` tells whether there is one.

    It has no length: counting may mean reading a whole listing, and an object without children must not be false.
    """

    @abstractmethod
    def __iter__(self) -> Iterator[C]: ...

    @abstractmethod
    def _find(self, name: str) -> C | None:
        """The child ``name``, hidden ones (with an underscore) too."""

    @abstractmethod
    def _missing(self, name: str) -> str:
        """Why there is no such child, and what there is."""

    def __getitem__(self, name: str) -> C:
        """The child ``name``. Raises a NotFound that is a KeyError, too."""
        child = self._child(name)
        if child is None:
            raise ChildNotFound(self._missing(name))
        return child

    def __contains__(self, name: object) -> bool:
        return self._child(name) is not None

    def _child(self, name: object) -> C | None:
        # Ids are texts: of a number, one metadata provider would find what another doesn't.
        return self._find(name) if isinstance(name, str) else None

    def _ipython_key_completions_(self) -> list[str]:
        return [child.id for child in self]


class InRun(ClientObject):
    """A run, or anything below one."""

    _run: RunContext

    def _setup(self, view: View, path: tuple[str, ...]) -> None:
        super()._setup(view, path)
        self._run = RunContext(view, path[0], path[1])

    def _check(self) -> None:
        run = self._run.read()
        _check_namespace(self, self._view, run)

    def _ancestor(self, kind: Kind, length: int) -> ClientObject:
        """The enclosing object of that kind: shares what was read of the run."""
        return ClientObject._classes[kind]._at(self._view, self._path[:length], _run=self._run)

    @property
    def tags(self) -> frozenset[str]:
        """The run's tags as they now are, the user's and the system's."""
        run = self._run.read()
        return frozenset((*run.tags, *run.system_tags))

    @property
    def user_tags(self) -> frozenset[str]:
        """Tags that the run was given by a user, as they now are."""
        return frozenset(self._run.read().tags)

    @property
    def system_tags(self) -> frozenset[str]:
        """Tags that FlowKit gave the run."""
        return frozenset(self._run.record.system_tags)

    @property
    def origin_pathspec(self) -> str | None:
        """The same thing in the run that this one resumed; None if it resumed none."""
        origin = self._run.record.origin_run_id
        return None if origin is None else "/".join((self._path[0], origin, *self._path[2:]))

    def _has_tags(self, tags: tuple[str, ...]) -> bool:
        return not tags or set(tags) <= self.tags


def class_of(kind: Kind) -> type[ClientObject]:
    """The class of one kind, for modules that its own module imports."""
    return ClientObject._classes[kind]


def _check_namespace(wanted: ClientObject, view: View, run: RunRecord) -> None:
    if view.namespace is None or view.namespace in run.system_tags or view.namespace in run.tags:
        return
    raise NamespaceMismatch(
        f"{wanted} is not in the namespace {view.namespace!r}; its run was started by {run.username}: "
        "namespace(None) shows all runs"
    )
