"""``S3``: files in S3 for steps and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit.plugin import DataTools, ErrorFamily, ObjectService, Settings, ToolsDataClient
from flowkit_aws.clients import AWS
from flowkit_aws.data_tools.errors import ERRORS
from flowkit_aws.data_tools.objects import S3Object

if TYPE_CHECKING:
    from flowkit import FlowSpec, Run

__all__ = ["S3", "S3DataClient"]


class S3(DataTools[S3Object]):
    """Fetch, store and list objects of S3, many at once.

    Use it in a ``with`` block, or call :meth:`close`, which removes the files that were fetched. Objects are named by

    - keys below a run's own place, with ``S3(run=self)`` in a step, or ``S3(run=Run("Flow/1"))`` elsewhere: it is
      ``<root>/<flow>/<run>``, where the root is FLOWKIT_DATATOOLS_S3ROOT;
    - keys below a URL, with ``S3(s3root="s3://bucket/folder")``;
    - whole URLs, with ``S3()``.

    Parameters
    ----------
    tmproot
        Folder in which the folder for fetched files is made; the system's for temporary files if it isn't given.
    bucket, prefix
        In place of those of the configured root, if ``run`` is given.
    run
        ``self`` in a step, or a Run of the client.
    s3root
        A URL that is put before keys; not looked at if ``run`` is given.
    encryption
        ``AES256`` or ``aws:kms``; else as FLOWKIT_S3_SERVER_SIDE_ENCRYPTION says, else as the bucket does.
    role
        ARN of a role to assume, in place of the one that is configured.
    session_vars, client_params
        Arguments of boto3's Session and of its ``client()``, in place of those that are configured.
    quiet
        Show no progress bar; there is none where stderr isn't a terminal, and for transfers under half a second.

    Raises
    ------
    S3URLException
        If the root isn't an ``s3://`` URL, or ``run`` is given and no root is configured.
    ConfigurationError
        If a setting can't be read.
    """

    TYPE: ClassVar[str] = "s3"
    schemes: ClassVar[tuple[str, ...]] = ("s3",)
    root_setting: ClassVar[str] = "S3"
    errors: ClassVar[ErrorFamily] = ERRORS

    def __init__(
        self,
        tmproot: str | None = None,
        bucket: str | None = None,
        prefix: str | None = None,
        run: FlowSpec | Run | None = None,
        s3root: str | None = None,
        encryption: str | None = None,
        *,
        role: str | None = None,
        session_vars: Mapping[str, Any] | None = None,
        client_params: Mapping[str, Any] | None = None,
        quiet: bool = False,
    ) -> None:
        given = {"role": role, "session_vars": session_vars, "client_params": client_params}
        self._options = {name: value for name, value in given.items() if value is not None}
        super().__init__(tmproot, bucket, prefix, run, s3root, encryption, quiet=quiet)

    def _make_service(self) -> ObjectService:
        from flowkit_aws.data_tools.service import S3Service

        given = {**_set_for_data_tools(), **self._options}
        encryption = AWS.options_for("s3", "DATATOOLS").get("server_side_encryption")
        return S3Service(AWS.client("s3", "DATATOOLS", given), encryption)

    def _make_object(self, url: str, prefix: str | None, **facts: Any) -> S3Object:
        return S3Object(url, prefix, **facts)


class S3DataClient(ToolsDataClient):
    """What ``IncludeFile("f", default="s3://…")`` reads with."""

    name: ClassVar[str] = "s3"
    tools: ClassVar[type[DataTools[Any]]] = S3


def _set_for_data_tools() -> dict[str, Any]:
    """The options that settings of data tools give, under the names that Metaflow has for them."""
    settings = Settings.load()
    names = {option: f"DATATOOLS_{option.upper()}" for option in ("session_vars", "client_params")}
    return {option: AWS.object_of(name, value) for option, name in names.items() if (value := settings.get(name))}
