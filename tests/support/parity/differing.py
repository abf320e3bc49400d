"""What can't agree with Metaflow, and why."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ALWAYS_DIFFERING", "DIFFERING"]

#: The same for every flow.
ALWAYS_DIFFERING: Mapping[str, str] = {
    "*/artifacts/name": "Metaflow stores the flow's name as an artifact of every task; here it is not one",
    "*/finished": "here a task or run that failed is finished, too: nothing more will happen to it",
}

_CATCH_PRINTS = "@catch tells what it caught on stderr; stdout is the step's own"
_INPUT_IN_JOIN = "a join inside a foreach knows the item that it is for; in Metaflow it knows only the position"
_LOOP_PARENTS = "the client tells the task before; Metaflow's tells all tasks of the steps before"
_LOOP_RESUME = "a recursion that failed restarts at the start of its branch (semantics.md)"
_OWN_TYPES = "the client finds types of the flow's file; Metaflow's can't load them outside of the flow"
_ERROR_NAMES = "errors have names of their own here (renamed in design.md, section 9)"
_FOREACH_DICT = "a foreach iterates over a dict as a for loop does; Metaflow indexes it by 0, 1… and fails"
_NEXT_MISSING = "a task that said no next step is the one that failed; Metaflow's succeeds, and the run fails"
_LOST_TASK = "a failure outside of the step's body is recorded with the task; Metaflow's task stores nothing then"
_TIMEOUT_PRINTS = "nothing is printed to the step's own stdout"

#: By flow and by path (with wildcards) in what is compared: the reason.
DIFFERING: Mapping[str, Mapping[str, str]] = {
    "catch_and_retry": {"*/tasks/start/stdout": _CATCH_PRINTS},
    "catch_dying_process": {"*/tasks/killed/stdout": _CATCH_PRINTS},
    "catch_without_var": {"*/tasks/start/stdout": _CATCH_PRINTS},
    "deleted_attributes": {
        "*/artifacts/*": "deleting an inherited attribute deletes it; in Metaflow it comes back in the next statement"
    },
    "foreach_branch_inside": {"*/artifacts/*": _INPUT_IN_JOIN},
    "foreach_dict": {"0 run/*": _FOREACH_DICT},
    "foreach_generator": {"*/exception": _LOST_TASK, "*/parents": _LOST_TASK},
    "foreach_nested": {"*/artifacts/*": _INPUT_IN_JOIN},
    "foreach_own_sequence": {"*/artifacts/items": _OWN_TYPES},
    "foreach_too_many": {"0 */tasks/start/*": "the task that split too widely is the one that failed"},
    "graph_info": {
        "*/artifacts/functions": "steps are in the order of their definition; in Metaflow by name",
        "*/artifacts/nodes": "steps are in the order in which they run, and their lists are tuples",
    },
    "merge_refused": {"*/artifacts/errors*": _ERROR_NAMES},
    "missing_artifact": {"*/exception/exception": "the message says more"},
    "next_misused": {"0 */tasks/start/*": _NEXT_MISSING},
    "own_types": {"*/artifacts/*": _OWN_TYPES},
    "parallel_failing": {
        "*/tasks/train*": "all nodes are started together; Metaflow records node 1 only when node 0 has come so far"
    },
    "parameters_from_environment": {"2 */tags": "FLOWKIT_RUN_TAG works as the other options' variables do"},
    "resume_recursion": {"*/parents": _LOOP_PARENTS, "1 */cloned": _LOOP_RESUME},
    "switch": {
        "2 */exception/*": "a value without a case is an InvalidNextError, as all misuse of self.next is",
    },
    "switch_in_foreach": {"?*/artifacts/got": "joins see their inputs in the order of the split (semantics.md)"},
    "switch_recursive": {"*/parents": _LOOP_PARENTS},
    "timeout": {"*/stdout": _TIMEOUT_PRINTS},
    "timeout_retry_catch": {"*/stdout": _TIMEOUT_PRINTS},
    "unpicklable": {
        "*/exception": _LOST_TASK,
        "*/parents": _LOST_TASK,
        "*/artifacts/fine": "what could be stored of a failed attempt is",
    },
}
