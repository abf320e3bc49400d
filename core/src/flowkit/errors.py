"""Every error that FlowKit raises on purpose.

A class has a ``headline`` (a few words, shown first) and a message that says what was wrong, where, and what mends
it. The command line prints both on one line and exits with ``exit_code``; a traceback is shown only when the user's
own code raised.
"""

from __future__ import annotations

from typing import ClassVar

from flowkit.user_traceback import user_traceback

__all__ = [
    "ArtifactError",
    "ArtifactNotFound",
    "BrokenPluginError",
    "CaughtException",
    "ChildNotFound",
    "CommandError",
    "ConfigurationError",
    "CorruptedBlobError",
    "DataToolsError",
    "DatastoreError",
    "FailureHandledByCatch",
    "FlowkitError",
    "GraphError",
    "InsufficientDiskSpace",
    "InternalError",
    "InvalidDecorator",
    "InvalidNextError",
    "InvalidPathspec",
    "KeyNotFound",
    "MergeArtifactsError",
    "MetadataError",
    "MissingInMergeArtifacts",
    "NamespaceMismatch",
    "NewerFormatError",
    "NotFound",
    "PackagingError",
    "ParallelMapError",
    "ParameterError",
    "ParameterFieldFailed",
    "ParameterFieldTypeMismatch",
    "PluginCollision",
    "PluginError",
    "PluginVersionError",
    "ProductionTokenError",
    "ResumeError",
    "StepTimeout",
    "StorageFull",
    "StorageReadOnly",
    "TagError",
    "TaskFailed",
    "UnhandledInMergeArtifacts",
    "UnknownCapability",
    "UnknownKeyword",
    "UnpicklableArtifact",
]


class FlowkitError(Exception):
    """Base of all of FlowKit's errors.

    Parameters
    ----------
    message
        What was wrong, where and what mends it, in one line where possible.
    """

    headline: ClassVar[str] = "FlowKit error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *args: object) -> None:
        self.message = message
        super().__init__(message, *args)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process boundaries; subclasses may take other arguments than a message.
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(cls: type[FlowkitError], state: dict[str, object]) -> FlowkitError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error.args = (state.get("message", ""),)
    return error


class InternalError(FlowkitError):
    """A condition that FlowKit's own code should have made impossible: please report it."""

    headline = "Internal error"


class CommandError(FlowkitError):
    """The command line was used wrongly."""

    headline = "Usage error"
    exit_code = 2


class UnknownKeyword(CommandError, TypeError):
    """A keyword argument of a verb of Runner that the command doesn't have."""

    headline = "Unknown keyword"


class ConfigurationError(FlowkitError):
    """A setting from the environment or a configuration file can't be used."""

    headline = "Configuration error"
    exit_code = 2


# --- plugins -----------------------------------------------------------------------------------------------------


class PluginError(FlowkitError):
    """A plugin can't be used."""

    headline = "Plugin error"


class PluginCollision(PluginError):
    """Two plugins claim one name of one kind."""

    headline = "Two plugins claim one name"


class PluginVersionError(PluginError):
    """A provider was written for another version of a capability's interface."""

    headline = "Plugin API version"


class BrokenPluginError(PluginError):
    """A plugin that is needed failed to load."""

    headline = "Broken plugin"


class UnknownCapability(PluginError):
    """No installed plugin provides the name that was asked for."""

    headline = "Unknown name"
    exit_code = 2


# --- flows -------------------------------------------------------------------------------------------------------


class GraphError(FlowkitError):
    """The flow's graph is not valid; the message lists every problem."""

    headline = "Invalid flow"


class InvalidDecorator(FlowkitError):
    """A decorator's name or arguments are wrong, or it can't be on that step."""

    headline = "Invalid decorator"


class InvalidNextError(FlowkitError):
    """``self.next`` was called in a way that the graph doesn't have, or not called at all."""

    headline = "Invalid self.next"


class ParameterError(FlowkitError):
    """A parameter's definition or value is wrong."""

    headline = "Invalid parameter"
    exit_code = 2


class MergeArtifactsError(FlowkitError):
    """``merge_artifacts`` was used where or how it can't be."""

    headline = "merge_artifacts"


class UnhandledInMergeArtifacts(MergeArtifactsError):
    """Inputs disagree about artifacts that the join neither set nor excluded."""

    headline = "Unhandled artifacts in merge"

    def __init__(self, message: str, unhandled: list[str]) -> None:
        super().__init__(message)
        self.artifact_names = unhandled


class MissingInMergeArtifacts(MergeArtifactsError):
    """An artifact named in ``include`` is in none of the inputs."""

    headline = "Missing artifacts in merge"

    def __init__(self, message: str, missing: list[str]) -> None:
        super().__init__(message)
        self.artifact_names = missing


class ParameterFieldFailed(ParameterError):
    """A parameter's default function failed."""

    headline = "Parameter's default failed"
    exit_code = 1


class ParameterFieldTypeMismatch(ParameterError):
    """A parameter's default function returned a value of another type."""

    headline = "Parameter's default has another type"
    exit_code = 1


class TaskFailed(FlowkitError):
    """A task of the run failed, and the run with it."""

    headline = "Task failed"


class ResumeError(FlowkitError):
    """A run can't be resumed as asked."""

    headline = "Can't resume"


class StepTimeout(BaseException):
    """Raised inside a step whose time is up.

    A ``BaseException``, so that ``except Exception`` in a step's body doesn't swallow it.
    """

    headline: ClassVar[str] = "Step timed out"


class ParallelMapError(FlowkitError):
    """A call in a process of parallel_map failed; the cause is what it raised, as far as that can be passed on."""

    headline = "parallel_map failed"


class FailureHandledByCatch(FlowkitError):
    """What ``@catch`` stores where a step's process ended without an exception that could be stored."""

    headline = "A failure was handled by @catch"

    def __init__(self, step: str, attempts: int) -> None:
        super().__init__(
            f"step {step!r} failed in all its attempts ({attempts}), and the last one ended without an exception in "
            "the step's code: its process was killed or crashed, or what it left couldn't be stored; see its log"
        )


class CaughtException(Exception):
    """What ``@catch`` stores of an exception: text only, so that it can always be stored and read anywhere."""

    #: The exception's own text.
    exception: str
    #: Dotted name of its class.
    type: str
    #: The traceback as Python prints it, without FlowKit's own frames.
    stacktrace: str

    def __init__(self, exception: str = "", type: str = "", stacktrace: str = "") -> None:  # noqa: A002
        super().__init__(exception, type, stacktrace)
        self.exception = exception
        self.type = type
        self.stacktrace = stacktrace

    @classmethod
    def of(cls, error: BaseException) -> CaughtException:
        """The stored form of ``error``."""
        error_class = error.__class__
        try:
            text = str(error)
        except Exception as second:  # an exception of the user's own may have a broken __str__
            text = f"<no text: {second.__class__.__name__} in __str__>"
        name = f"{error_class.__module__}.{error_class.__qualname__}"
        return cls(text, name, user_traceback(error))

    def __str__(self) -> str:
        return self.stacktrace

    def __repr__(self) -> str:
        return f"<caught {self.type}: {self.exception}>"


# --- storage -----------------------------------------------------------------------------------------------------


class PackagingError(FlowkitError):
    """The code of a flow can't be packed, or what was packed can't be opened."""

    headline = "Code package"


class DatastoreError(FlowkitError):
    """A datastore refused an operation."""

    headline = "Datastore error"


class KeyNotFound(DatastoreError):
    """The datastore has no object of that key."""

    headline = "Object not found"

    def __init__(self, key: str, where: str) -> None:
        super().__init__(f"no object {key!r} in {where}")
        self.key = key


class StorageFull(DatastoreError):
    """No space is left where artifacts, logs or metadata go."""

    headline = "No space left"


class StorageReadOnly(DatastoreError):
    """The place that artifacts, logs or metadata go to can't be written."""

    headline = "Storage can't be written"


class CorruptedBlobError(DatastoreError):
    """Stored bytes don't have the size or hash that their manifest records."""

    headline = "Corrupted object"


class NewerFormatError(FlowkitError):
    """Stored data was written by a newer FlowKit, in a format that this one doesn't know."""

    headline = "Newer format"


class DataToolsError(FlowkitError):
    """An object of a store can't be fetched, stored or listed by data tools; plugins have classes of their own."""

    headline = "Data tools"


class ObjectAccessFailed(DataToolsError):
    """The service refused a request, or can't be reached."""

    headline = "Access to the object store failed"


class ObjectNotFound(DataToolsError):
    """There is no object of that name."""

    headline = "Object not found"


class ObjectAccessDenied(DataToolsError):
    """The credentials don't allow it."""

    headline = "Access to the object denied"


class ObjectURLError(DataToolsError):
    """A key or URL isn't the address of an object, or can't be used with this root."""

    headline = "Invalid address"


class ObjectRangeError(DataToolsError):
    """The object has no such range of bytes."""

    headline = "Invalid range"


class ObjectValueError(DataToolsError):
    """A value isn't text, bytes or a file that can be read and sought."""

    headline = "Can't be stored as an object"


class InsufficientDiskSpace(DataToolsError):
    """A file that is fetched has no room on this machine."""

    headline = "Insufficient disk space"


class ArtifactError(FlowkitError):
    """An artifact can't be stored or loaded."""

    headline = "Artifact error"


class UnpicklableArtifact(ArtifactError):
    """A value can't be pickled; the message names the artifact, its type and where it was set."""

    headline = "Can't store artifact"


class ProductionTokenError(FlowkitError):
    """A deployment is another user's, and its production token wasn't given."""

    headline = "Production token"


class MetadataError(FlowkitError):
    """The metadata provider refused an operation."""

    headline = "Metadata error"


class TagError(MetadataError):
    """A tag is malformed, or can't be changed."""

    headline = "Invalid tag"


# --- reading results ---------------------------------------------------------------------------------------------


class NotFound(FlowkitError):
    """The flow, run, step, task or artifact doesn't exist."""

    headline = "Not found"


class ChildNotFound(NotFound, KeyError):
    """Indexing a flow, run, step or task by a name that it doesn't have. A ``KeyError``, too."""


class ArtifactNotFound(NotFound, AttributeError):
    """``task.data`` has no artifact of that name. An ``AttributeError``, too."""


class InvalidPathspec(FlowkitError):
    """A pathspec is not of the form ``Flow[/run[/step[/task[/artifact]]]]``."""

    headline = "Invalid pathspec"
    exit_code = 2


class NamespaceMismatch(FlowkitError):
    """The object exists, but not in the current namespace."""

    headline = "Not in the current namespace"
