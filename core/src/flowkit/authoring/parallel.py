"""``parallel_map`` and ``parallel_imap_unordered``: a function in several processes."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar, cast

import attrs

from flowkit.errors import ParallelMapError

__all__ = ["parallel_imap_unordered", "parallel_map"]

A = TypeVar("A")
R = TypeVar("R")

_PIECE = 1 << 20


def parallel_map(
    func: Callable[[A], R],
    iterable: Iterable[A],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002, ARG001 - what callers may give
) -> list[R]:
    """Call ``func`` with each item, each call in a process of its own, and return the results in the items' order.

    ``func`` and the items need not be picklable, for the processes are forks of this one; results must be.

    Parameters
    ----------
    func
        Takes one item.
    iterable
        The items.
    max_parallel
        How many processes there may be at once; the number of CPUs that this process may use, if it isn't given.
    dir
        Not used: results come through pipes. Callers may give a folder for temporary files.

    Raises
    ------
    ParallelMapError
        If a call fails, or its process dies. The others are ended then.
    """
    results = dict(_each(func, iterable, max_parallel, "parallel_map"))
    return [results[index] for index in range(len(results))]


def parallel_imap_unordered(
    func: Callable[[A], R],
    iterable: Iterable[A],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002, ARG001 - what callers may give
) -> Iterator[R]:
    """The same, each result as soon as it is there. Items are taken when a process is free for them."""
    for _, result in _each(func, iterable, max_parallel, "parallel_imap_unordered"):
        yield result


@attrs.define(eq=False)
class _Worker:
    index: int
    pid: int
    pipe: int
    data: bytearray = attrs.field(factory=bytearray)


def _each(
    func: Callable[[A], R], iterable: Iterable[A], max_parallel: int | None, caller: str
) -> Iterator[tuple[int, R]]:
    """Index and result of each item, in the order in which they are done."""
    import selectors

    limit = _processors() if max_parallel is None else max_parallel
    if limit < 1:
        raise ParallelMapError(f"{caller}: max_parallel={max_parallel}: must be at least 1")
    items = enumerate(iterable)
    done: deque[tuple[int, R]] = deque()
    with selectors.DefaultSelector() as selector:
        try:
            more = True
            while more or selector.get_map():
                while more and len(selector.get_map()) < limit:
                    index_and_item = next(items, None)
                    if index_and_item is None:
                        more = False
                    else:
                        worker = _start(func, *index_and_item)
                        selector.register(worker.pipe, selectors.EVENT_READ, worker)
                for key, _ in selector.select() if selector.get_map() else ():
                    worker = key.data
                    piece = os.read(worker.pipe, _PIECE)
                    worker.data += piece
                    if not piece:
                        selector.unregister(worker.pipe)
                        done.append((worker.index, _result_of(worker, caller)))
                while done:
                    yield done.popleft()
        finally:
            # After a failure, and where the caller takes no more results.
            _end_all([key.data for key in selector.get_map().values()])


def _start(func: Callable[[A], Any], index: int, item: A) -> _Worker:
    reading, writing = os.pipe()
    # What is waiting there would be written by both.
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    state = _random_state()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _run(func, index, item, writing, state)
    os.close(writing)
    return _Worker(index, pid, reading)


def _run(func: Callable[[A], Any], index: int, item: A, writing: int, state: int | None) -> NoReturn:
    """In the new process: call, tell, leave. Nothing that this process's parent registered for its end is run."""
    import pickle
    import signal

    code = 1
    try:
        signal.set_wakeup_fd(-1)
        _set_random_state(state, index)
        try:
            data = pickle.dumps((True, func(item)), pickle.HIGHEST_PROTOCOL)
        except BaseException as error:
            data = pickle.dumps((False, *_told(error)), pickle.HIGHEST_PROTOCOL)
        view = memoryview(data)
        while view:
            view = view[os.write(writing, view) :]
        code = 0
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(code)


def _told(error: BaseException) -> tuple[BaseException | None, str, str]:
    """The exception if it can be passed on, a line about it, and its traceback."""
    import pickle
    from traceback import format_exception, format_exception_only

    line = format_exception_only(error)[-1].strip()
    trace = "".join(format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - this process's own
    except Exception:  # whatever a class of the user's own does
        return None, line, trace
    return error, line, trace


def _result_of(worker: _Worker, caller: str) -> Any:
    import pickle

    os.close(worker.pipe)
    status = os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1])
    if not worker.data or status < 0:
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise ParallelMapError(f"{caller}: the process for item {worker.index} ended {how} before it had a result")
    succeeded, *rest = pickle.loads(worker.data)  # noqa: S301 - written by this process's own fork
    if succeeded:
        return rest[0]
    error, line, trace = rest
    failure = ParallelMapError(f"{caller}: item {worker.index}: {line}")
    failure.add_note(f"In the process of item {worker.index}:\n{trace.rstrip()}")
    raise failure from error


def _end_all(workers: list[_Worker]) -> None:
    import signal
    from contextlib import suppress

    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
    for worker in workers:
        os.close(worker.pipe)
        with suppress(ChildProcessError):
            os.waitpid(worker.pid, 0)


def _processors() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _random_state() -> int | None:
    """A number for the streams of numpy's shared generator in the next process; None if nothing uses numpy's.

    Python's own generator takes a fresh seed in each fork by itself.
    """
    if "numpy.random" not in sys.modules:
        return None
    return int(cast(Any, sys.modules["numpy.random"]).randint(1 << 31))


def _set_random_state(state: int | None, index: int) -> None:
    if state is not None:
        cast(Any, sys.modules["numpy.random"]).seed([state, index])
