"""Records become JSON and come back, also from other versions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit.errors import MetadataError
from flowkit.model.record import AttemptRecord, Page, RunRecord, StepRecord, TaskFilter, TaskRecord
from flowkit.testing.metadata_model import _attempts, _run_filters, _runs, _task_filters, _tasks
from flowkit.testing.metadata_samples import a_run, a_task, an_attempt
from flowkit_service.client.naming import path_of, shown, stored
from flowkit_service.documents import document_of, kind_of, page_of, read_document
from flowkit_service.storage.text import exact_form, storable


def through_json(value: Any) -> Any:
    return read_document(type(value), json.loads(json.dumps(document_of(value))))


@settings(deadline=None)
@given(st.one_of(_runs, _tasks, _attempts, _task_filters, _run_filters))
def test_any_record_comes_back_equal(value: Any) -> None:
    assert through_json(value) == value


def test_records_with_all_fields_come_back_equal() -> None:
    for value in (a_run(), a_task(), an_attempt(), StepRecord("F", "1", "s", 1.5), Page(3, "x", False), TaskFilter()):
        assert through_json(value) == value
    assert [kind_of(one) for one in (a_run(), a_task(), an_attempt())] == ["run", "task", "attempt"]


def test_what_another_version_says_more_or_less_is_fine() -> None:
    document = {**document_of(a_task()), "of_the_future": [1]}
    del document["iteration"]
    assert read_document(TaskRecord, document) == a_task(iteration=0)
    assert page_of(None) == Page()


@pytest.mark.parametrize("kind", [RunRecord, TaskRecord, AttemptRecord])
@pytest.mark.parametrize("document", [{}, {"flow": "F"}, [], None, "text"])
def test_what_is_no_record(kind: type[Any], document: object) -> None:
    with pytest.raises(MetadataError, match=kind.__name__):
        read_document(kind, document)


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=10))
def test_any_text_can_be_stored_and_told_from_others(text: str) -> None:
    written = storable(text)
    written.encode("utf-8")
    assert "\0" not in written
    assert (exact_form(text) is None) == (written == text)


@settings(deadline=None)
@given(st.one_of(st.integers(0, 10**17).map(str), st.text("abc-1", min_size=1)))
def test_ids_come_back_from_netflix_service(name: str) -> None:
    assert shown(stored(name)) == name
    assert not stored(name).isnumeric()


def test_paths() -> None:
    assert path_of("F", "r 1", "s/x", "t") == "/flows/F/runs/r%201/steps/s%2Fx/tasks/t"
    assert shown("flowkit-x") == "flowkit-x"
    assert shown(12) == "12"
