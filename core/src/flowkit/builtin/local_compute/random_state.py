"""Random generators across a fork.

A flow that seeds when it is imported must find its seed in each task, as a fresh interpreter would; a generator that
nobody seeded must not give two tasks one stream. What can't be told is a doubt, and a doubt means fresh interpreters.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import attrs

from flowkit.builtin.local_compute.mersenne import was_seeded
from flowkit.builtin.local_compute.user_sources import UserSources

__all__ = ["RandomPlan", "plan_random_state"]

#: ``SeedSequence`` draws 128 bits; an entropy below this was given by somebody.
_FEWEST_ENTROPY_BITS = 96
#: torch draws 53 bits; a seed below this was given by somebody.
_FEWEST_TORCH_BITS = 40
_NUMPY_SEEDED = r"\b(default_rng|RandomState|SeedSequence|PCG64\w*|MT19937|Philox|SFC64)\(\s*(?!None\s*\))[^)\s]"


@attrs.define
class RandomPlan:
    """What a child does to its generators right after the fork."""

    #: State of the ``random`` module to put back: Python seeds it anew in every forked child.
    restore: tuple[Any, ...] | None = None
    reseed: list[Callable[[], object]] = attrs.field(factory=list)
    #: Why this process can't fork tasks; None if it can.
    doubt: str | None = None

    def apply(self) -> None:
        """In the child."""
        if self.restore is not None:
            sys.modules["random"].setstate(self.restore)
        for call in self.reseed:
            call()


def plan_random_state(before: RandomPlan | None = None) -> RandomPlan:
    """Look at every generator that is loaded now.

    Parameters
    ----------
    before
        The plan made before modules were preloaded: the state that the flow seeded is kept from it, since a preloaded
        module may have drawn from it.
    """
    plan = RandomPlan()
    sources = UserSources()
    if "random" in sys.modules:
        _plan_random(plan, sources, before)
    if "numpy.random.mtrand" in sys.modules:
        _plan_numpy(plan, sources)
    if "torch" in sys.modules:
        _plan_torch(plan, sources)
    return plan


def _plan_random(plan: RandomPlan, sources: UserSources, before: RandomPlan | None) -> None:
    module: Any = sys.modules["random"]
    shared = module._inst
    if before is not None and before.restore is not None:
        plan.restore = before.restore
    elif _is_seeded(shared, sources, plan, "the random module's generator"):
        plan.restore = module.getstate()
    for one in _instances((module.Random,)):
        if one is shared or isinstance(one, module.SystemRandom):
            continue
        if not _is_seeded(one, sources, plan, "a random.Random"):
            plan.reseed.append(one.seed)


def _is_seeded(generator: Any, sources: UserSources, plan: RandomPlan, what: str) -> bool:
    try:
        seeded = was_seeded(generator.getstate()[1])
    except Exception:  # a subclass with a state of its own
        seeded = None
    if seeded is None:
        if sources.mention(r"\bseed\b|\bsetstate\b|\bRandom\(\s*[^)\s]"):
            plan.doubt = f"the flow's import drew from {what}, which may have been seeded"
        return False
    return seeded


def _plan_numpy(plan: RandomPlan, sources: UserSources) -> None:
    numpy_random: Any = sys.modules["numpy.random"]
    shared = sys.modules["numpy.random.mtrand"].__dict__["_rand"]._bit_generator
    if _seed_of(shared) is None:
        # numpy.random.seed was called; without a value, two tasks would get one stream.
        if sources.mention(r"\brandom\.seed\(\s*(None\s*)?\)"):
            plan.doubt = "numpy.random.seed may have been called without a value"
    elif sources.mention(r"\bset_state\b|\bset_bit_generator\b"):
        plan.doubt = "the state of numpy.random may have been set"
    elif _is_entropy(_seed_of(shared)):
        plan.reseed.append(numpy_random.seed)
    for one in _instances((numpy_random.BitGenerator,)):
        if one is shared or not _is_entropy(_seed_of(one)):
            continue
        if sources.mention(_NUMPY_SEEDED):
            plan.doubt = "a numpy generator was made, and can't be told from a seeded one"
        plan.reseed.append(partial(_renew, one))


def _renew(bit_generator: Any) -> None:
    bit_generator.state = type(bit_generator)().state


def _seed_of(bit_generator: Any) -> Any:
    """Entropy of the generator's ``SeedSequence``; None if it was seeded in the old way."""
    sequence = getattr(bit_generator, "seed_seq", None) or getattr(bit_generator, "_seed_seq", None)
    return getattr(sequence, "entropy", None)


def _is_entropy(seed: Any) -> bool:
    return isinstance(seed, int) and seed.bit_length() >= _FEWEST_ENTROPY_BITS


def _plan_torch(plan: RandomPlan, sources: UserSources) -> None:
    torch: Any = sys.modules["torch"]
    if not hasattr(torch, "initial_seed") or torch.initial_seed() < 1 << _FEWEST_TORCH_BITS:
        return
    if sources.mention(r"\bmanual_seed\b|\bset_rng_state\b|\bseed_everything\b|\bset_seed\b"):
        plan.doubt = "torch may have been seeded"
    plan.reseed.append(torch.seed)


def _instances(kinds: tuple[type, ...]) -> Iterable[Any]:
    # type(), not isinstance(): that asks each object for __class__, and a lazy proxy would load what it stands for.
    return [one for one in gc.get_objects() if issubclass(type(one), kinds)]
