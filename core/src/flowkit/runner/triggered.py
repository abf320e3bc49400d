"""A run that an orchestrator was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flowkit.errors import FlowkitError, NotFound
from flowkit.model.deployment import ENDED, DeployedRun, Deployment

if TYPE_CHECKING:
    from flowkit.client import Run
    from flowkit.interfaces.deployer import Deployer

__all__ = ["TriggeredRun"]

#: Seconds before the first look; each wait is twice the one before.
_FIRST_WAIT = 0.05


class TriggeredRun:
    """One run of a deployed flow. It may not have begun.

    Parameters
    ----------
    deployer, deployment
        What runs it.
    run
        The run as it is known.
    metadata
        Where it is recorded: ``provider@location``.
    """

    def __init__(self, deployer: Deployer, deployment: Deployment, run: DeployedRun, metadata: str) -> None:
        self.metadata = metadata
        self._deployer = deployer
        self._deployment = deployment
        self._run = run

    @property
    def name(self) -> str:
        """The run's id."""
        return self._run.run_id

    @property
    def pathspec(self) -> str:
        """``Flow/run``, as the client has it."""
        return self._run.pathspec

    @property
    def run(self) -> Run | None:
        """The run, as the client reads it; None until it has begun."""
        from flowkit.client import Run
        from flowkit.client.run_context import View

        # Where this very run is recorded, whatever this process's own configuration and namespace are.
        view = View(self.metadata, None)
        if view.reader.run(self._run.flow, self._run.run_id) is None:
            return None
        return Run._at(view, (self._run.flow, self._run.run_id))

    @property
    def status(self) -> str:
        """The orchestrator's word for how it is: ``Running``, ``Succeeded``…"""
        now = self._look()
        return now.phase or now.status.title().replace("_", "")

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._look().status in ("running", "suspended")

    def wait_for_run(self, check_interval: float = 5, timeout: float | None = None) -> None:
        """Wait until :attr:`run` is there.

        Parameters
        ----------
        check_interval
            Seconds between two looks, at most.
        timeout
            Seconds; None to wait for as long as it takes.

        Raises
        ------
        TimeoutError
            If it hasn't begun by then.
        FlowkitError
            If it ended without having begun.
        """

        def begun() -> bool:
            now = self._look()
            if self.run is not None:
                return True
            if now.status in ENDED:
                said = f": {now.message}" if now.message else ""
                raise FlowkitError(f"the run {self.pathspec} {_ended(now)} before it had begun{said}")
            return False

        self._wait(begun, check_interval, timeout, "begun")

    def wait_for_completion(self, check_interval: float = 5, timeout: float | None = None) -> None:
        """Wait until it has ended, one way or the other. Raises TimeoutError if it hasn't after ``timeout`` seconds."""
        self._wait(lambda: self._look().status in ENDED, check_interval, timeout, "ended")

    def terminate(self) -> bool:
        """End it; False if it had ended."""
        return self._deployer.terminate(self._deployment, self._run.run_id)

    def suspend(self) -> bool:
        """Start no more of its tasks; False if it has ended. Raises FlowkitError where that can't be."""
        return self._deployer.suspend(self._deployment, self._run.run_id)

    def unsuspend(self) -> bool:
        """Go on with it; False if it has ended. Raises FlowkitError where that can't be."""
        return self._deployer.unsuspend(self._deployment, self._run.run_id)

    def __repr__(self) -> str:
        return f"TriggeredRun({self.pathspec!r})"

    def _look(self) -> DeployedRun:
        found = self._deployer.run(self._deployment, self._run.run_id)
        if found is None:
            raise NotFound(f"{self._deployer.title} has no run {self.pathspec} any more")
        self._run = found
        return found

    def _wait(self, is_so: Callable[[], bool], interval: float, timeout: float | None, what: str) -> None:
        until = None if timeout is None else time.monotonic() + timeout
        pause = _FIRST_WAIT
        while not is_so():
            left = pause if until is None else min(pause, until - time.monotonic())
            if left <= 0:
                raise TimeoutError(f"the run {self.pathspec} hasn't {what} after {timeout} s")
            time.sleep(min(left, interval))
            pause *= 2


def _ended(run: DeployedRun) -> str:
    return {"timed_out": "was timed out", "terminated": "was terminated"}.get(run.status, run.status)
