"""Flows that are defined in a cell of a notebook."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.errors import CommandError
from flowkit.runner.deployer import Deployer
from flowkit.runner.program import clean
from flowkit.runner.runner import Runner

if TYPE_CHECKING:
    from flowkit.client import Run

__all__ = ["NBDeployer", "NBRunner", "cell_source"]


class NBRunner:
    """Runs a flow that a cell defines: ``NBRunner(MyFlow).nbrun(alpha=5)``, in that cell or a later one.

    The cell that defined the flow last is written to a temporary file, so it must have all that the flow needs: its
    imports too. :meth:`nbrun` and :meth:`nbresume` wait and return the run, as often as they are called; the other
    verbs are Runner's. :meth:`cleanup` removes the file and the logs, as does the end of the program, or of the
    runner.

    Parameters
    ----------
    flow
        The class.
    show_output
        Whether the verbs that wait show what the run writes.
    profile
        The configuration's profile.
    env
        Environment variables, besides those of this process.
    base_dir
        Working folder of the run; this process's own if it isn't given.
    **top_level
        Options that stand before the command, as Runner takes them.

    Raises
    ------
    CommandError
        Outside of IPython, or if no cell defines the flow.
    """

    def __init__(
        self,
        flow: type[Any],
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        base_dir: str | os.PathLike[str] | None = None,
        **top_level: Any,
    ) -> None:
        cell = _CellFile("NBRunner", flow, env, base_dir)
        with cell.removed_on_error():
            self.runner = Runner(cell.path, show_output, profile, cell.variables, cell.cwd, **top_level)
        self._finalizer = cell.kept_for(self.runner)

    @property
    def nbrun(self) -> Callable[..., Run]:
        """Run the flow to its end; takes what ``run`` does, and returns the run."""
        return self._to_its_end(self.runner.run)

    @property
    def nbresume(self) -> Callable[..., Run]:
        """Resume a run to its end; takes what ``resume`` does, and returns the run."""
        return self._to_its_end(self.runner.resume)

    def cleanup(self) -> None:
        """End the runs that still go on, and remove the logs and the file."""
        self.runner.cleanup()
        self._finalizer()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "runner":
            raise AttributeError(name)
        return getattr(self.runner, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.runner)})

    def _to_its_end(self, verb: Callable[..., Any]) -> Callable[..., Run]:
        import inspect

        from flowkit.client import Run

        def run(**given: Any) -> Run:
            found: Run = verb(**given).run
            return found

        described: Any = run
        described.__doc__ = verb.__doc__
        described.__signature__ = inspect.signature(verb).replace(return_annotation=Run)
        described.__annotations__ = {**verb.__annotations__, "return": Run}
        return run


class NBDeployer:
    """Deploys a flow that a cell defines: ``NBDeployer(MyFlow).argo_workflows().create()``.

    As with :class:`NBRunner`, the cell that defined the flow last must have all that it needs. Takes what Deployer
    does, but for ``cwd``, which is called ``base_dir``; :meth:`cleanup` removes the cell's file. What is deployed
    stays.

    Raises
    ------
    CommandError
        Outside of IPython, or if no cell defines the flow.
    """

    def __init__(
        self,
        flow: type[Any],
        show_output: bool = True,
        profile: str | None = None,
        env: Mapping[str, str] | None = None,
        base_dir: str | os.PathLike[str] | None = None,
        file_read_timeout: float = 3600,
        **top_level: Any,
    ) -> None:
        cell = _CellFile("NBDeployer", flow, env, base_dir)
        with cell.removed_on_error():
            self.deployer = Deployer(
                cell.path, show_output, profile, cell.variables, cell.cwd, file_read_timeout, **top_level
            )
        self._finalizer = cell.kept_for(self.deployer)

    def cleanup(self) -> None:
        """Remove temporary files. What is deployed stays."""
        self.deployer.cleanup()
        self._finalizer()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "deployer":
            raise AttributeError(name)
        return getattr(self.deployer, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.deployer)})


class _CellFile:
    """A cell's flow in a temporary file."""

    def __init__(
        self, where: str, flow: type[Any], env: Mapping[str, str] | None, base_dir: str | os.PathLike[str] | None
    ) -> None:
        text = f"{cell_source(flow, where)}\n\nif __name__ == '__main__':\n    {flow.__name__}()\n"
        self._folder = tempfile.mkdtemp(prefix="flowkit-notebook-")
        self.path = Path(self._folder, f"{flow.__name__}.py")
        self.path.write_text(text, encoding="utf-8")
        self.cwd = os.path.abspath(base_dir or os.getcwd())
        # Modules beside the notebook can be imported, as the cell itself could.
        self.variables = dict(env or {})
        paths = [self.cwd, self.variables.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))]
        self.variables["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)

    @contextmanager
    def removed_on_error(self) -> Iterator[None]:
        """While entered, what is raised removes the file."""
        try:
            yield
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def kept_for(self, user: object) -> Callable[[], object]:
        """Keep the file until ``user`` is gone, at the latest until the program ends. Returns what removes it now."""
        return weakref.finalize(user, clean, Path(self._folder), (), os.getpid())


def cell_source(flow: type[Any], where: str = "NBRunner") -> str:
    """The code of the cell that defined ``flow`` last, without what only IPython understands.

    A line of the cell's top level that uses NBRunner or NBDeployer is left out too: it is what runs the flow.

    Raises
    ------
    CommandError
        Outside of IPython, or if no cell defines the flow.
    """
    import ast
    import sys

    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        other = where.removeprefix("NB")
        raise CommandError(f"{where} needs a notebook or IPython; in a program, use {other} with the flow's file")
    for cell in reversed(shell.user_ns.get("In", [])):
        # Magics are calls of get_ipython() here.
        try:
            tree = ast.parse(cell)
        except SyntaxError:
            continue
        if any(isinstance(node, ast.ClassDef) and node.name == flow.__name__ for node in tree.body):
            return "\n".join(_kept(cell, tree))
    raise CommandError(f"no cell of this session defines {flow.__name__}: run the one that does first")


_DRIVERS = {"NBRunner", "NBDeployer", "get_ipython"}


def _kept(cell: str, tree: Any) -> list[str]:
    """Lines of the cell; those that drive the flow are blank, so that the others keep their numbers."""
    import ast

    lines = cell.splitlines()
    driven: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef):
            continue
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        if names & (_DRIVERS | driven):
            # What it sets comes from the run, and so does what uses that.
            stored = {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            driven |= stored
            first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
            lines[first:last] = [""] * (last - first)
    return lines
