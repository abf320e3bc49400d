"""A flow as ``spin`` runs a step of it: without the decorators that have no part in that."""

from __future__ import annotations

import attrs

from flowkit.compile.compiler import CompiledFlow

__all__ = ["spun"]


def spun(compiled: CompiledFlow, *, skip_decorators: bool) -> CompiledFlow:
    """The flow with those decorators alone that say that they act in tasks of ``spin``, or with none at all."""
    if skip_decorators:
        return attrs.evolve(compiled, step_decorators={}, flow_decorators=())
    return attrs.evolve(
        compiled,
        step_decorators={
            step: tuple(one for one in decorators if one.acts_in_spin)
            for step, decorators in compiled.step_decorators.items()
        },
        flow_decorators=tuple(one for one in compiled.flow_decorators if one.acts_in_spin),
    )
