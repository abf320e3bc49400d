"""The module that types of ``__main__`` come from: the flow's file, imported without running its command line.

Where the file is gone, or has a name no more, that of the run's stored code is taken.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from flowkit.authoring.entry import only_importing
from flowkit.errors import ArtifactError

__all__ = ["FlowModule", "searching_beside"]

_loaded: dict[tuple[str, int], ModuleType] = {}


class FlowModule(ModuleType):
    """Stands for a flow's file as a module; the file is imported when the first name is asked for.

    If this process runs that very file, its ``__main__`` answers, so that loaded values have the types that the
    process itself uses.

    Parameters
    ----------
    file
        The flow's file.
    stored
        Gives the file as the run stored it; None if it didn't.

    Raises
    ------
    ArtifactError
        When a name is asked for, the file is gone or can't be imported, and the run's code is of no help.
    """

    def __init__(self, file: str, stored: Callable[[], str | None] = lambda: None) -> None:
        super().__init__("__main__")
        self.__file__ = file
        self._stored = stored

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        try:
            return getattr(_module_of(self.__file__ or ""), name)
        except (ArtifactError, AttributeError):
            if (stored := self._stored()) is None:
                raise
        return getattr(_module_of(stored), name)


@contextmanager
def searching_beside(file: str) -> Iterator[None]:
    """Let modules that lie beside the flow's file be imported: the flow's own values may need them."""
    folder = os.path.dirname(file)
    if not folder or folder in sys.path:
        yield
        return
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _module_of(file: str) -> ModuleType:
    main = sys.modules.get("__main__")
    own_file = getattr(main, "__file__", None)
    if main is not None and own_file and os.path.realpath(own_file) == os.path.realpath(file):
        return main
    try:
        key = (os.path.realpath(file), os.stat(file).st_mtime_ns)
    except OSError as error:
        raise ArtifactError(
            f"the artifact has a type that {file or 'its flow'} defines, and that file can't be read "
            f"({error.strerror}): put it back, or read the artifact where it is"
        ) from None
    if key not in _loaded:
        _loaded[key] = _import(file)
    return _loaded[key]


def _import(file: str) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    # Not "__main__", so that what the file does only as a program isn't done.
    name = f"_flowkit_flow_{os.path.basename(file).removesuffix('.py')}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ArtifactError(f"the flow's file {file} can't be imported: it isn't a Python file")
    module = module_from_spec(spec)
    previous = sys.modules.get(name)
    sys.modules[name] = module  # dataclasses and pickles look their own module up while it is being made
    try:
        with searching_beside(file), only_importing():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        if previous is None:
            del sys.modules[name]
        else:
            sys.modules[name] = previous
        raise ArtifactError(
            f"the artifact has a type that {file} defines, and importing that file failed: "
            f"{type(error).__name__}: {error}"
        ) from error
    return module
