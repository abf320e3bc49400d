"""Reading results: flows, runs, steps, tasks and artifacts, from a notebook or a script.

>>> from flowkit.client import Flow
>>> run = Flow("HelloFlow").latest_run  # doctest: +SKIP
>>> run["train"].task.data.accuracy  # doctest: +SKIP
0.97

Nothing is opened before something is read, and listing or showing never loads an artifact.
"""

from flowkit.client.catalog import FlowKit
from flowkit.client.data_artifact import DataArtifact
from flowkit.client.failure import TaskFailure
from flowkit.client.fields import Metadata
from flowkit.client.flow import Flow
from flowkit.client.namespaces import default_namespace, get_namespace, namespace
from flowkit.client.run import Run
from flowkit.client.source import default_metadata, get_metadata, metadata
from flowkit.client.spin import inspect_spin
from flowkit.client.step import Step
from flowkit.client.task import Task
from flowkit.client.task_artifacts import TaskArtifacts
from flowkit.client.task_code import TaskCode
from flowkit.client.task_data import TaskData
from flowkit.client.tasks import Tasks

__all__ = [
    "DataArtifact",
    "Flow",
    "FlowKit",
    "Metadata",
    "Run",
    "Step",
    "Task",
    "TaskArtifacts",
    "TaskCode",
    "TaskData",
    "TaskFailure",
    "Tasks",
    "default_metadata",
    "default_namespace",
    "get_metadata",
    "get_namespace",
    "inspect_spin",
    "metadata",
    "namespace",
]
