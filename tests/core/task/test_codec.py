"""Specifications and outcomes come back from JSON as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.errors import NewerFormatError
from flowkit.model.artifact import BlobRef, FailureSummary, ItemsRef, Transition
from flowkit.model.task import ForeachFrame, InputRef, RunSpec, StoreRef, TaskOutcome, TaskSpec
from flowkit.task.channel import read_message
from flowkit.task.codec import outcome_from_json, outcome_to_json, spec_from_json, spec_to_json

TEXT = st.text(max_size=12)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
VALUES = st.dictionaries(TEXT, JSON, max_size=3)
SECONDS = st.floats(0, 1e10)
ITEMS = st.builds(
    ItemsRef,
    st.builds(
        BlobRef, st.from_regex(r"\A[0-9a-f]{64}\Z"), st.integers(0), st.sampled_from(["raw", "zstd"]), st.integers(0)
    ),
    st.integers(0),
)
STORES = st.builds(StoreRef, TEXT, TEXT)
RUNS = st.builds(
    RunSpec,
    flow=TEXT,
    flow_file=TEXT,
    run_id=TEXT,
    datastore=STORES,
    metadata=STORES,
    username=TEXT,
    namespace=st.none() | TEXT,
    tags=NAMES,
    system_tags=NAMES,
    decospecs=NAMES,
    origin_run_id=st.none() | TEXT,
    environment=TEXT,
    code=TEXT,
    extra=VALUES,
)
FRAMES = st.builds(ForeachFrame, TEXT, TEXT, TEXT, st.integers(0), st.none() | st.integers(0), st.none() | ITEMS)
SPECS = st.builds(
    TaskSpec,
    run=RUNS,
    step=TEXT,
    task_id=TEXT,
    attempt=st.integers(0),
    inputs=st.lists(st.builds(InputRef, TEXT, TEXT, st.integers(0), TEXT), max_size=3).map(tuple),
    inputs_blob=st.none() | TEXT,
    frames=st.lists(FRAMES, max_size=2).map(tuple),
    user_attempts=st.integers(1),
    fallback_attempts=st.integers(0),
    timeout_seconds=SECONDS,
    retry_delay_seconds=SECONDS,
    variables=st.dictionaries(TEXT, TEXT, max_size=2),
    resources=VALUES,
    backend=TEXT,
    fork_safe=st.booleans(),
    extra=VALUES,
)
OUTCOMES = st.builds(
    TaskOutcome,
    status=st.sampled_from(["succeeded", "failed", "crashed", "timed_out", "cancelled"]),
    transition=st.none()
    | st.builds(
        Transition,
        steps=NAMES,
        foreach=st.none() | TEXT,
        num_splits=st.none() | st.integers(0),
        items=st.none() | ITEMS,
        parallel=st.booleans(),
        condition=st.none() | TEXT,
    ),
    failure=st.none() | st.builds(FailureSummary, TEXT, TEXT, TEXT),
    manifest=st.none() | TEXT,
    exit_code=st.none() | st.integers(-64, 255),
    retryable=st.booleans(),
    caught=st.booleans(),
    started_at=SECONDS,
    finished_at=SECONDS,
    peak_memory=st.none() | st.integers(0),
    metadata=st.dictionaries(TEXT, TEXT, max_size=2),
)


@given(SPECS)
def test_a_specification_comes_back(spec: TaskSpec) -> None:
    assert spec_from_json(spec_to_json(spec)) == spec


@given(OUTCOMES)
def test_an_outcome_comes_back(outcome: TaskOutcome) -> None:
    assert outcome_from_json(outcome_to_json(outcome)) == outcome
    assert read_message(b'{"outcome":%b}' % outcome_to_json(outcome)) == outcome


def test_a_newer_form_is_refused_with_what_to_do() -> None:
    document = json.loads(outcome_to_json(TaskOutcome("succeeded")))
    document["version"] += 1
    with pytest.raises(NewerFormatError, match=r"version 2 .* run the task with"):
        outcome_from_json(json.dumps(document))
