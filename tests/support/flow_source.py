"""A generated flow as a file that runs."""

from __future__ import annotations

from support.graphs import StepPlan

HEAD = """from flowkit import FlowSpec, step


class RandomFlow(FlowSpec):
"""


def to_source(steps: dict[str, StepPlan]) -> str:
    """The flow's file. Every task notes its own rounds through loops, so that a loop ends when it should."""
    methods = [_method(plan) for plan in _in_order(steps)]
    return HEAD + "\n".join(methods) + '\n\nif __name__ == "__main__":\n    RandomFlow()\n'


def _in_order(steps: dict[str, StepPlan]) -> list[StepPlan]:
    return [steps["start"], *(plan for name, plan in steps.items() if name not in ("start", "end")), steps["end"]]


def _method(plan: StepPlan) -> str:
    lines = [f"    @step\n    def {plan.name}(self{', inputs' if plan.is_join else ''}):"]
    if plan.name == "start":
        lines.append("self.rounds, self.saved = {}, []")
    if plan.is_join:
        lines.append("self.rounds, self.saved = inputs[0].saved[-1], inputs[0].saved[:-1]")
        lines.append("self.arrived = [(i.came_from, i.index) for i in inputs]")
    lines.append(f"self.came_from = {plan.name!r}")
    out = plan.out
    if plan.kind == "foreach":
        lines.append(f"self.items = list(range({plan.number}))")
        lines.append("self.saved = [*self.saved, dict(self.rounds)]")
        lines.append(f'self.next(self.{out[0]}, foreach="items")')
    elif plan.kind == "split":
        lines.append("self.saved = [*self.saved, dict(self.rounds)]")
        lines.append(f"self.next({', '.join(f'self.{name}' for name in out)})")
    elif plan.kind == "switch":
        if plan.is_loop:
            lines.append(f"turn = self.rounds.get({plan.name!r}, 0)")
            lines.append(f"self.rounds = {{**self.rounds, {plan.name!r}: turn + 1}}")
            lines.append(f"self.case = 'case0' if turn < {plan.number} else 'case1'")
        else:
            lines.append(f"self.case = 'case{plan.number % len(out)}'")
        cases = ", ".join(f"'case{index}': self.{name}" for index, name in enumerate(out))
        lines.append(f'self.next({{{cases}}}, condition="case")')
    elif plan.kind == "linear":
        lines.append(f"self.next(self.{out[0]})")
    return "\n        ".join(lines) + "\n"
