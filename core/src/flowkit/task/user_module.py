"""Runs a flow's file as ``__main__``, as ``python flow.py`` does, in a process that was started otherwise."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from flowkit.errors import CommandError

__all__ = ["find_flow_class", "load_flow_file"]


def load_flow_file(path: str | Path, argv: list[str] | None = None) -> ModuleType:
    """Run the file as the module ``__main__``.

    ``sys.path[0]`` becomes its folder and ``sys.argv`` its path and ``argv``. If the file ends by ``MyFlow()``, what
    that call starts (a command, or a task where ``FLOWKIT_TASK`` is set) runs before this returns.

    Raises
    ------
    CommandError
        If the file can't be read, or isn't Python.
    Exception
        Whatever the file raises.
    """
    file = Path(path)
    code = _compile(file)
    module = ModuleType("__main__")
    module.__dict__.update(
        __file__=str(path), __builtins__=sys.modules["builtins"], __cached__=None, __annotations__={}
    )
    sys.modules["__main__"] = module
    sys.path[0:1] = [str(file.resolve().parent)]
    sys.argv[:] = [str(path), *(argv or [])]
    exec(code, module.__dict__)  # noqa: S102 - running the user's file is what this is for
    return module


def find_flow_class(module: ModuleType, name: str | None = None) -> type[Any]:
    """The flow that ``module`` defines: the one called ``name``, else the only one.

    Raises
    ------
    CommandError
        If there is none, or several and no name.
    """
    from flowkit.authoring.flowspec import FlowSpec

    found = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, FlowSpec) and value.__module__ == module.__name__
    }
    classes = list(dict.fromkeys(found.values()))
    if name is not None:
        classes = [one for one in classes if one.__name__ == name]
    else:
        # A base class of another flow in the file is not what is run.
        classes = [one for one in classes if not any(one in other.__mro__[1:] for other in classes)]
    where = getattr(module, "__file__", None) or module.__name__
    if len(classes) == 1:
        return cast("type[Any]", classes[0])
    if not classes:
        raise CommandError(f"{where} defines no flow{f' called {name!r}' if name else ''}: a class based on FlowSpec")
    names = ", ".join(one.__name__ for one in classes)
    raise CommandError(
        f"{where} defines several flows ({names}): end it by calling the one to run, as {names.split(', ')[0]}()"
    )


def _compile(file: Path) -> Any:
    import tokenize

    try:
        # The file's own coding line holds, as it does for the interpreter.
        with tokenize.open(file) as stream:
            text = stream.read()
    except OSError as error:
        raise CommandError(f"the flow file {os.fspath(file)!r} can't be read: {error.strerror}") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CommandError(f"the flow file {os.fspath(file)!r} isn't Python source: {error}") from None
    return compile(text, str(file), "exec", dont_inherit=True)
