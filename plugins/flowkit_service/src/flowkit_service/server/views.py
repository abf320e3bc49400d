"""Rows as the REST interface shows them, with the fields of Netflix's metaflow-service.

An id that is a number is shown as one: so are those that the service gave itself. Steps, tasks and artifacts show the
tags of their run.
"""

from __future__ import annotations

import json
from typing import Any

from flowkit_service.storage.database import Row

__all__ = ["artifact_view", "flow_view", "metadatum_view", "run_view", "step_view", "task_view"]


def shown_id(text: str) -> int | str:
    """A number if it is one in plain decimal form."""
    return int(text) if text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0") else text


def flow_view(row: Row) -> dict[str, Any]:
    """A flow."""
    return {
        "flow_id": row["flow_id"],
        "user_name": row["user_name"],
        "ts_epoch": row["ts_epoch"],
        "tags": json.loads(row["tags"]),
        "system_tags": json.loads(row["system_tags"]),
    }


def run_view(row: Row) -> dict[str, Any]:
    """A run; ``status`` and ``finished_at`` are this service's own."""
    return {
        **_of_run(row),
        "user_name": row["user_name"],
        "ts_epoch": row["ts_epoch"],
        "last_heartbeat_ts": _seconds(row["heartbeat_at"]),
        "status": row["status"],
        "finished_at": None if row["finished_at"] is None else round(row["finished_at"] * 1000),
    }


def step_view(row: Row, run: Row) -> dict[str, Any]:
    """A step."""
    return {
        **_of_run(run),
        "step_name": row["step_name"],
        "user_name": row["user_name"] or run["user_name"],
        "ts_epoch": row["ts_epoch"],
    }


def task_view(row: Row, run: Row) -> dict[str, Any]:
    """A task; ``status`` is this service's own."""
    return {
        **_of_run(run),
        "step_name": row["step_name"],
        "task_id": shown_id(row["task_id"]),
        "user_name": row["user_name"] or run["user_name"],
        "ts_epoch": row["ts_epoch"],
        "last_heartbeat_ts": _seconds(row["heartbeat_at"]),
        "status": row["status"],
    }


def artifact_view(row: Row, run: Row) -> dict[str, Any]:
    """An artifact."""
    fields = ("name", "location", "ds_type", "sha", "type", "content_type", "user_name", "attempt_id", "ts_epoch")
    return {
        **_of_run(run),
        "step_name": row["step_name"],
        "task_id": shown_id(row["task_id"]),
        **{name: row[name] for name in fields},
    }


def metadatum_view(row: Row, flow: str, run_id: str) -> dict[str, Any]:
    """A record of metadata; its tags are its own."""
    return {
        "id": row["id"],
        "flow_id": flow,
        "run_number": shown_id(run_id),
        "step_name": row["step_name"],
        "task_id": shown_id(row["task_id"]),
        "field_name": row["field_name"],
        "value": row["value"],
        "type": row["type"],
        "user_name": row["user_name"],
        "ts_epoch": row["ts_epoch"],
        "tags": json.loads(row["tags"]),
        "system_tags": json.loads(row["system_tags"]),
    }


def _of_run(run: Row) -> dict[str, Any]:
    return {
        "flow_id": run["flow_id"],
        "run_number": shown_id(run["run_id"]),
        "tags": json.loads(run["tags"]),
        "system_tags": json.loads(run["system_tags"]),
    }


def _seconds(time: float | None) -> int | None:
    return None if time is None else int(time)
