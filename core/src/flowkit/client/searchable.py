"""What has tasks that can be found by what they were given, how they went and what they stored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from flowkit.client.conditions import ANY, Conditions
from flowkit.client.display import check_choice
from flowkit.model.record import TaskStatus

if TYPE_CHECKING:
    from flowkit.client.tasks import Tasks

__all__ = ["Searchable"]


class Searchable(ABC):
    """A run, a step, or tasks that were found."""

    @abstractmethod
    def _narrowed(self, conditions: Conditions) -> Tasks:
        """Those tasks of this object that meet the conditions."""

    def where(
        self,
        *,
        input: Any = ANY,  # noqa: A002 (what a step calls it, too)
        index: int | None = None,
        status: TaskStatus | None = None,
        attempt: int | None = None,
        metadata: Mapping[str, object] | None = None,
        artifacts: Mapping[str, Any] | None = None,
    ) -> Tasks:
        """Tasks that meet all conditions. Nothing is read before they are asked for.

        Parameters
        ----------
        input
            What the task's innermost foreach gave it: a value that it must equal, or a function that is called with
            the value. Text and numbers are compared as ``foreach-stack`` shows them, so ``3`` finds ``"3"``; other
            values, and those that are cut there, are loaded and compared.
        index
            The position in the innermost foreach, from 0.
        status
            ``succeeded``, ``failed``, ``running`` or ``cancelled``, as it is shown: a task whose launching process is
            gone has failed.
        attempt
            Number of its latest attempt, from 0: with 1, tasks that were retried once.
        metadata
            Fields, and the values that they have in any attempt.
        artifacts
            Names, and for each a value that the artifact must equal, or a function that is called with the value. An
            equal value is found by its hash. Functions load the artifacts; so do values whose equals may be stored
            differently, such as sets.

        Raises
        ------
        ValueError
            If there is no such status.
        """
        check_choice("status", status, get_args(TaskStatus))
        return self._narrowed(Conditions(input, index, status, attempt, metadata or {}, artifacts or {}))
