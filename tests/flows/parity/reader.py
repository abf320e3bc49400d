"""Writes what the client tells of one run as JSON: ``python reader.py FLOW RUN_ID NAME…``.

Runs on FlowKit, and with its import changed on Metaflow. The names are private artifacts to look for.
"""

import json
import re
import sys

from flowkit import Flow, Task, namespace


def shown(value):
    """A value so that equal ones look equal, whatever wrote them."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    if isinstance(value, (set, frozenset)):
        return [kind, sorted((shown(one) for one in value), key=str)]
    if isinstance(value, (list, tuple)):
        return [kind, [shown(one) for one in value]]
    if isinstance(value, dict):
        return [kind, [[shown(name), shown(one)] for name, one in value.items()]]
    if kind.startswith("numpy."):
        return [kind, str(value.dtype), value.tolist()]
    if kind.startswith("pandas."):
        return [kind, value.to_csv()]
    if hasattr(value, "stacktrace"):
        own = value.type.startswith(("flowkit.", "metaflow."))
        return [kind, value.type, "" if own else first_line(value.exception)]
    text = repr(value)
    if " at 0x" in text or isinstance(value, BaseException):
        return [kind, str(value) if isinstance(value, BaseException) else shown(vars(value))]
    return [kind, text]


def failure(task):
    """The exception that ended a task."""
    found = task.exception
    if found is None:
        return None
    kind = getattr(found, "type", "")
    # What the framework itself says has its own words here and there.
    message = "" if kind.startswith(("flowkit.", "metaflow.")) else first_line(getattr(found, "exception", found))
    return {"type": kind, "exception": message}


def first_line(text):
    """Of a message: what follows may be a traceback."""
    return str(text).split("\n")[0]


def output(task):
    """What a task wrote to stdout, without times, addresses and tracebacks."""
    lines = [line for line in task.stdout.splitlines() if not line.startswith(">")]
    return [re.sub(r"0x[0-9a-f]+", "0x", re.sub(r"^[-0-9]+ [:.0-9]+ ", "", line)) for line in lines]


def place_of(task):
    """Positions in the enclosing foreaches, as ``[1,0]``."""
    path = task.metadata_dict.get("foreach-execution-path", "")
    return f"[{','.join(level.split(':')[-1] for level in path.split(','))}]" if path else ""


def keys_of(run):
    """A name for each task that is the same in every run: step, positions in the splits, time round a loop."""
    keys, counts = {}, {}
    found = (task for step in run for task in step)
    tasks = sorted(found, key=lambda task: (int(task.id) if task.id.isdigit() else 10**6, task.created_at))
    for task in tasks:
        key = task.parent.id + place_of(task)
        counts[key] = counts.get(key, 0) + 1
        keys[task.pathspec] = key if counts[key] == 1 else f"{key}#{counts[key]}"
    return keys, tasks


def artifacts_of(task, private):
    """All artifacts of a task; of one that failed, those of its last attempt."""
    if not task.successful:
        task = Task(task.pathspec, attempt=task.current_attempt)
    names = [artifact.id for artifact in task]
    names += [name for name in private if name in task]
    return {name: readable(task[name]) for name in names}


def readable(artifact):
    """An artifact's value; what is raised, by name, if it can't be loaded."""
    try:
        return shown(artifact.data)
    except Exception as error:
        return ["can't be loaded", type(error).__name__]


def parents_of(task, keys):
    """Keys of the tasks before; what is raised, by name, if they can't be told."""
    try:
        return sorted(keys[parent.pathspec] for parent in task.parent_tasks)
    except Exception as error:
        return type(error).__name__


def main(flow, run_id, private):
    """Read the run."""
    namespace(None)
    run = Flow(flow)[run_id]
    keys, tasks = keys_of(run)
    told = {
        "finished": run.finished,
        "successful": run.successful,
        "tags": sorted(run.user_tags),
        "steps": sorted(step.id for step in run),
        "end_task": keys[run.end_task.pathspec] if run.end_task is not None else None,
        "resumed": any(task.metadata_dict["origin-run-id"] != "None" for task in tasks),
        "tasks": {},
    }
    for task in tasks:
        told["tasks"][keys[task.pathspec]] = {
            "artifacts": artifacts_of(task, private),
            "attempt": int(task.current_attempt),
            "cloned": "origin-task-id" in task.metadata_dict,
            "exception": failure(task),
            "finished": task.finished,
            "index": task.index,
            "parents": parents_of(task, keys),
            "control": task.pathspec in [one.pathspec for one in task.parent.control_tasks()],
            "stdout": output(task),
            "successful": task.successful,
        }
    return told


json.dump(main(sys.argv[1], sys.argv[2], sys.argv[3:]), sys.stdout, indent=1, sort_keys=True)
