"""Stores the code of a run while its first tasks run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from flowkit.engine.observer import RunObserver
from flowkit.engine.reactor import SelectorReactor
from flowkit.errors import FlowkitError
from flowkit.model.record import RunRecord

if TYPE_CHECKING:
    from flowkit.engine.session import Session
    from flowkit.interfaces.compute_backend import ComputeBackend
    from flowkit.packaging.memory import CodeMemory
    from flowkit.packaging.selection import CodeSource
    from flowkit.packaging.size import SizeLimits

__all__ = ["Captured", "CodeCapture"]


#: Name of the hash of FlowKit's own packages, in the run's record and in what tasks are told.
_FRAMEWORK = "framework_code"
#: After so long at the end of a run, the user is told what is waited for.
_PATIENCE_SECONDS = 1.0
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Captured(NamedTuple):
    """What is recorded with the run."""

    #: SHA-256 of the archive; empty if there is none.
    code: str = ""
    #: Facts for the run's record.
    info: Mapping[str, Any] = _NOTHING
    #: A line for the user; empty for none.
    warning: str = ""


class CodeCapture:
    """The code of one run. A run goes on, and is none the worse, where its code can't be had: the user is told why.

    Parameters
    ----------
    suffixes
        Of files that are code, besides those of the configuration.
    observers
        Are told what the user should know.
    """

    def __init__(
        self,
        session: Session,
        reactor: SelectorReactor,
        observers: Sequence[RunObserver],
        suffixes: Iterable[str] = (),
    ) -> None:
        self._session = session
        self._reactor = reactor
        self._observers = observers
        self._suffixes = tuple(suffixes)
        self._run: RunRecord | None = None
        self._captured: Captured | None = None
        self._pending = False
        self._given_up = False
        self._lock = threading.Lock()
        self._closed = False

    def before_tasks(self, run: RunRecord, backends: Iterable[ComputeBackend]) -> RunRecord:
        """Store the code at once if a backend's tasks need it. Returns the run as it is then recorded.

        Raises
        ------
        PackagingError, DatastoreError
            If it can't be: the tasks couldn't run.
        """
        if not any(backend.needs_code for backend in backends):
            return run
        from flowkit.packaging.framework import store_framework
        from flowkit.packaging.memory import CodeMemory
        from flowkit.packaging.size import SizeLimits
        from flowkit.packaging.storing import store_code

        session = self._session
        source, datastore = self._source(), session.datastore
        memory, limits = CodeMemory(session.settings.local_root()), SizeLimits.of(session.settings)
        found = store_code(source, datastore, memory, limits)
        facts = _git_facts(source)
        facts[_FRAMEWORK] = store_framework(session.registry, datastore, run.flow)
        self._run, self._pending = run, True
        self._finish(Captured(found.sha256, facts, found.warning))
        return self.recorded(run)

    def spec_extra(self, run: RunRecord) -> dict[str, Any]:
        """What tasks that run elsewhere are told, besides the hash of the code."""
        return {_FRAMEWORK: run.info[_FRAMEWORK]} if _FRAMEWORK in run.info else {}

    def begin(self, run: RunRecord) -> None:
        """Go to work when the loop has started what can be started. Starts a thread where there is much to do."""
        self._run = run
        if self._captured is None and self._session.settings.stores_code:
            self._pending = True
            self._reactor.call_later(0.0, self._begin)

    def wait(self) -> None:
        """Let the reactor run until the code is stored, or :meth:`give_up` is called."""
        timer = self._reactor.call_later(_PATIENCE_SECONDS, self._say_why_it_takes_long)
        while self._pending and not self._given_up:
            self._reactor.run_once(None)
        timer.cancel()
        if self._pending:
            self._finish(Captured(warning=_warning("the run was interrupted before it was")))

    def give_up(self) -> None:
        """Don't let anybody wait."""
        self._given_up = True

    def close(self) -> None:
        """Leave the reactor alone from here on: it goes before a thread may have ended."""
        with self._lock:
            self._closed = True

    def recorded(self, run: RunRecord) -> RunRecord:
        """The run's record, with what is known of its code."""
        found = self._captured
        if found is None:
            return run
        return attrs.evolve(run, code=found.code or run.code, info={**run.info, **found.info})

    def _begin(self) -> None:
        # Imported while the first task runs: they take longer than what they then do.
        from flowkit.packaging.git import Repository
        from flowkit.packaging.memory import CodeMemory
        from flowkit.packaging.size import SizeLimits
        from flowkit.packaging.storing import store_code

        try:
            settings = self._session.settings
            limits = SizeLimits.of(settings)
            source = self._source()
            memory = CodeMemory(settings.local_root())
            repository = Repository.of(source.folder)
            # A tree that hasn't changed, in a store where looking is no request: that is quicker than a thread.
            if repository is None and memory.is_small(source) and self._session.datastore.is_mappable():
                known = memory.recall(source, limits)
                if known is not None:
                    found = store_code(source, self._session.datastore, memory, limits, known)
                    self._finish(Captured(found.sha256, warning=found.warning))
                    return
        except FlowkitError as error:
            self._finish(Captured(warning=_warning(error.message)))
            return
        self._in_thread(source, memory, limits)

    def _source(self) -> CodeSource:
        from flowkit.packaging.storing import code_source

        return code_source(self._session.compiled, (*self._session.settings.package_suffixes, *self._suffixes))

    def _in_thread(self, source: CodeSource, memory: CodeMemory, limits: SizeLimits) -> None:
        from flowkit.packaging.storing import store_code

        datastore = self._session.datastore

        def work() -> None:
            captured = Captured()
            try:
                captured = Captured(info=_git_facts(source))
                found = store_code(source, datastore, memory, limits)
                captured = captured._replace(code=found.sha256, warning=found.warning)
            except FlowkitError as error:
                captured = captured._replace(warning=_warning(error.message))
            except (Exception, SystemExit) as error:  # what can't be foreseen mustn't end the run either
                captured = captured._replace(warning=_warning(f"{type(error).__name__}: {error}"))
            with self._lock:
                if not self._closed:
                    self._reactor.call_soon_threadsafe(lambda: self._finish(captured))

        threading.Thread(target=work, name="flowkit-code", daemon=True).start()

    def _say_why_it_takes_long(self) -> None:
        if self._pending:
            self._tell(f"Storing the code in {os.path.dirname(self._session.compiled.file)} …")

    def _tell(self, text: str) -> None:
        for observer in self._observers:
            observer.message(text)

    def _finish(self, captured: Captured) -> None:
        if not self._pending or self._run is None:
            return
        self._pending, self._captured = False, captured
        if captured.warning:
            self._tell(captured.warning)
        if captured.code or captured.info:
            # Now, not at the run's end: a run that is killed has its code too.
            self._session.metadata.write([attrs.evolve(self.recorded(self._run), heartbeat_at=time.time())])


def _git_facts(source: CodeSource) -> dict[str, Any]:
    from flowkit.packaging.git import Repository

    repository = Repository.of(source.folder)
    facts = repository.facts() if repository is not None else {}
    return {"git": facts} if facts else {}


def _warning(reason: str) -> str:
    return f"the code of this run isn't stored: {reason}"
