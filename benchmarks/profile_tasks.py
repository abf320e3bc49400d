"""Where the time of a trivial task goes: processor time and page faults of each of FlowKit's processes.

    python benchmarks/profile_tasks.py               writes the table in docs/explanation/benchmarks.md
    python benchmarks/profile_tasks.py --tasks 100   a quick look, printed only

A foreach of 1,000 tasks beside one of one task, whose cost is the run's own and is taken off.
"""

from __future__ import annotations

import argparse
import mmap
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import attrs
from environments import HERE, flowkit
from machine import describe
from workspace import Workspace

PAGE = HERE.parent / "docs" / "explanation" / "benchmarks.md"
BEGIN, END = "<!-- profile: begin -->", "<!-- profile: end -->"
TASKS = 1000
ROUNDS = 5
_TICK = 1 / os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Cost:
    """What processes have used."""

    user: float = 0.0
    system: float = 0.0
    faults: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.user + other.user, self.system + other.system, self.faults + other.faults)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.user - other.user, self.system - other.system, self.faults - other.faults)

    def per(self, count: int) -> Cost:
        """The share of one of ``count``."""
        return Cost(self.user / count, self.system / count, self.faults / count)


@attrs.frozen
class Profile:
    """A run, by process."""

    seconds: float
    launcher: Cost
    parent: Cost
    tasks: Cost


def main() -> int:
    """Measure, print, and write the table of full size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=TASKS)
    tasks = parser.parse_args().tasks
    workspace = Workspace.make(flowkit())
    try:
        profiled(workspace, tasks)  # caches are filled
        many = [profiled(workspace, tasks) for _ in range(ROUNDS)]
        one = [profiled(workspace, 1) for _ in range(ROUNDS)]
    finally:
        workspace.remove()
    text = table(many, one, tasks)
    sys.stdout.write(text)
    if tasks == TASKS:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
    return 0


def profiled(workspace: Workspace, tasks: int) -> Profile:
    """Run the foreach and look at its processes until it ends."""
    workspace.clear()
    variables = {**workspace.tool.variables(workspace.path), "BENCH_TASKS": str(tasks)}
    command = [str(workspace.tool.python), "foreach.py", "run", "--max-workers", "2", "--max-num-splits", str(tasks)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=workspace.path, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    parent, children = Cost(), Cost()
    while process.poll() is None:
        for pid in children_of(process.pid):
            own, waited = costs_of(pid)
            if waited.faults >= children.faults:  # the one that has forked all the others
                parent, children = own, waited
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"the flow failed with exit status {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = Cost(
        after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, float(after.ru_minflt - before.ru_minflt)
    )
    return Profile(seconds, whole - parent - children, parent, children)


def children_of(pid: int) -> list[int]:
    """The processes that a process has forked and not waited for."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def costs_of(pid: int) -> tuple[Cost, Cost]:
    """Of a process itself, and of its children that have ended. Fields as proc(5) says."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return Cost(), Cost()
    faults, child_faults = float(fields[7]), float(fields[8])
    user, system, child_user, child_system = (int(one) * _TICK for one in fields[11:15])
    return Cost(user, system, faults), Cost(child_user, child_system, child_faults)


def table(many: list[Profile], one: list[Profile], tasks: int) -> str:
    """As Markdown."""

    def a_task(part: Callable[[Profile], Cost]) -> Cost:
        return (middle(many, part) - middle(one, part)).per(tasks - 1)

    rows = {
        "launching process: schedules, records, shows": a_task(lambda profile: profile.launcher),
        "parent of tasks: forks, waits": a_task(lambda profile: profile.parent),
        "the task itself, from fork to exit": a_task(lambda profile: profile.tasks),
    }
    whole = sum(rows.values(), Cost())
    seconds = statistics.median(each.seconds for each in many) - statistics.median(each.seconds for each in one)
    touched = 1000
    nothing, touching = fork_cost(0), fork_cost(touched)
    fault = (touching - nothing) / touched
    lines = [
        "| process | user | system | page faults |",
        "|---|---:|---:|---:|",
        *(f"| {name} | {shown(cost)} |" for name, cost in {**rows, "all": whole}.items()),
        "",
        f"Processor time of a task, with the run's own start taken off; medians of {ROUNDS} runs of {tasks:,} tasks, "
        f"which take {1000 * seconds / (tasks - 1):.2f} ms each with 2 workers. On this machine ({describe()}; "
        f"{time.strftime('%Y-%m-%d')}), a child that ends at once costs {1e3 * nothing:.2f} ms of processor time "
        f"together with its parent, a bare interpreter that forks, and each page that it writes to "
        f"{1e6 * fault:.1f} µs more: the faults of a task are worth {1e3 * fault * whole.faults:.1f} ms.",
    ]
    return "\n".join(lines) + "\n"


def middle(profiles: list[Profile], part: Callable[[Profile], Cost]) -> Cost:
    """The medians."""
    found = [part(profile) for profile in profiles]
    return Cost(*(statistics.median(getattr(cost, name) for cost in found) for name in ("user", "system", "faults")))


def shown(cost: Cost) -> str:
    """Cells of the table."""
    return f"{1000 * cost.user:.2f} ms | {1000 * cost.system:.2f} ms | {max(0, round(cost.faults))}"


def fork_cost(pages: int) -> float:
    """Seconds of processor time of a bare interpreter that forks a child, which writes to so many of its pages."""
    code = f"""
import mmap, os, resource
memory = mmap.mmap(-1, {max(1, pages)} * {mmap.PAGESIZE}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
starts = range(0, {pages} * {mmap.PAGESIZE}, {mmap.PAGESIZE})
for start in starts:
    memory[start] = 1
def used():
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)
before = used()
for _ in range(300):
    pid = os.fork()
    if pid == 0:
        for start in starts:
            memory[start] = 2
        os._exit(0)
    os.waitpid(pid, 0)
print((used() - before) / 300)
"""
    shown = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return statistics.median(float(each.stdout) for each in shown)


if __name__ == "__main__":
    sys.exit(main())
