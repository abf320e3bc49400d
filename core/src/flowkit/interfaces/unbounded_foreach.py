"""A foreach over items that are known only once a task has looked."""

from __future__ import annotations

__all__ = ["UnboundedForeach"]


class UnboundedForeach:
    """Base of values that ``foreach`` iterates over without knowing how many items there are.

    ``self.next(self.work, foreach="found")``, where ``self.found`` is one, starts one *control task* of ``work``
    (``spec.is_control``), in which the step's body doesn't run. A decorator of ``work`` looks at the value in its
    ``around`` and calls ``context.fan_out(items)`` instead of ``run()``; each item then gets a task of ``work``, and
    the join sees those. Their ``foreach_stack()`` has None for the number of splits, and the client shows the control
    task among ``control_tasks()``. A resumed run runs the whole of such a foreach again.
    """
