"""``GS``: files in Google Cloud Storage for steps and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit.plugin import DataTools, ErrorFamily, ObjectService, ToolsDataClient
from flowkit_gcp.clients import GCP
from flowkit_gcp.data_tools.errors import ERRORS
from flowkit_gcp.data_tools.objects import GSObject

if TYPE_CHECKING:
    from flowkit import FlowSpec, Run

__all__ = ["GS", "GSDataClient"]


class GS(DataTools[GSObject]):
    """Fetch, store and list objects of Cloud Storage, many at once.

    Use it in a ``with`` block, or call :meth:`close`, which removes the files that were fetched. Objects are named by

    - keys below a run's own place, with ``GS(run=self)`` in a step, or ``GS(run=Run("Flow/1"))`` elsewhere: it is
      ``<root>/<flow>/<run>``, where the root is FLOWKIT_DATATOOLS_GSROOT;
    - keys below a URL, with ``GS(gsroot="gs://bucket/folder")``;
    - whole URLs, with ``GS()``.

    Parameters
    ----------
    tmproot
        Folder in which the folder for fetched files is made; the system's for temporary files if it isn't given.
    bucket, prefix
        In place of those of the configured root, if ``run`` is given.
    run
        ``self`` in a step, or a Run of the client.
    gsroot
        A URL that is put before keys; not looked at if ``run`` is given.
    encryption
        Name of a key of Cloud KMS; else as the bucket says.
    role, credentials_file
        In place of those that are configured: a service account to impersonate, and the file of a key.
    client_params
        Arguments of the SDK's client, in place of those that are configured.
    quiet
        Show no progress bar; there is none where stderr isn't a terminal, and for transfers under half a second.

    Raises
    ------
    GSURLException
        If the root isn't a ``gs://`` URL, or ``run`` is given and no root is configured.
    ConfigurationError
        If a setting can't be read.
    """

    TYPE: ClassVar[str] = "gs"
    schemes: ClassVar[tuple[str, ...]] = ("gs",)
    root_setting: ClassVar[str] = "GS"
    errors: ClassVar[ErrorFamily] = ERRORS

    def __init__(
        self,
        tmproot: str | None = None,
        bucket: str | None = None,
        prefix: str | None = None,
        run: FlowSpec | Run | None = None,
        gsroot: str | None = None,
        encryption: str | None = None,
        *,
        role: str | None = None,
        credentials_file: str | None = None,
        client_params: Mapping[str, Any] | None = None,
        quiet: bool = False,
    ) -> None:
        given = {"role": role, "credentials_file": credentials_file, "client_params": client_params}
        self._options = {name: value for name, value in given.items() if value is not None}
        super().__init__(tmproot, bucket, prefix, run, gsroot, encryption, quiet=quiet)

    def _make_service(self) -> ObjectService:
        from flowkit_gcp.data_tools.service import GSService

        return GSService(GCP.client("storage", "DATATOOLS", self._options))

    def _make_object(self, url: str, prefix: str | None, **facts: Any) -> GSObject:
        return GSObject(url, prefix, **facts)


class GSDataClient(ToolsDataClient):
    """What ``IncludeFile("f", default="gs://…")`` reads with."""

    name: ClassVar[str] = "gs"
    tools: ClassVar[type[DataTools[Any]]] = GS
