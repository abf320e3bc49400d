"""``AzureBlob``: files in Azure Blob Storage for steps and scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit.plugin import DataTools, ErrorFamily, ObjectService, ToolsDataClient
from flowkit_azure.clients import AZURE
from flowkit_azure.data_tools.errors import ERRORS
from flowkit_azure.data_tools.objects import AzureBlobObject

if TYPE_CHECKING:
    from flowkit import FlowSpec, Run

__all__ = ["AzureBlob", "AzureDataClient", "AzureShortDataClient"]


class AzureBlob(DataTools[AzureBlobObject]):
    """Fetch, store and list blobs of the account that is configured, many at once.

    Use it in a ``with`` block, or call :meth:`close`, which removes the files that were fetched. Blobs are named by

    - keys below a run's own place, with ``AzureBlob(run=self)`` in a step, or ``AzureBlob(run=Run("Flow/1"))``
      elsewhere: it is ``<root>/<flow>/<run>``, where the root is FLOWKIT_DATATOOLS_AZUREROOT;
    - keys below a URL, with ``AzureBlob(azureroot="azure://container/folder")``;
    - whole URLs, ``azure://container/name`` or ``az://container/name``, with ``AzureBlob()``.

    Parameters
    ----------
    tmproot
        Folder in which the folder for fetched files is made; the system's for temporary files if it isn't given.
    container, prefix
        In place of those of the configured root, if ``run`` is given.
    run
        ``self`` in a step, or a Run of the client.
    azureroot
        A URL that is put before keys; not looked at if ``run`` is given.
    encryption
        Name of an encryption scope of the account; else as the container says.
    account, credential
        In place of those that are configured: the account's name, and where an identity comes from.
    client_params
        Arguments of the SDK's client, in place of those that are configured.
    quiet
        Show no progress bar; there is none where stderr isn't a terminal, and for transfers under half a second.

    Raises
    ------
    AzureBlobURLException
        If the root isn't such a URL, or ``run`` is given and no root is configured.
    ConfigurationError
        If a setting can't be read.
    """

    TYPE: ClassVar[str] = "azure"
    schemes: ClassVar[tuple[str, ...]] = ("azure", "az")
    root_setting: ClassVar[str] = "AZURE"
    errors: ClassVar[ErrorFamily] = ERRORS

    def __init__(
        self,
        tmproot: str | None = None,
        container: str | None = None,
        prefix: str | None = None,
        run: FlowSpec | Run | None = None,
        azureroot: str | None = None,
        encryption: str | None = None,
        *,
        account: str | None = None,
        credential: str | None = None,
        client_params: Mapping[str, Any] | None = None,
        quiet: bool = False,
    ) -> None:
        given = {"account": account, "credential": credential, "client_params": client_params}
        self._options = {name: value for name, value in given.items() if value is not None}
        super().__init__(tmproot, container, prefix, run, azureroot, encryption, quiet=quiet)

    def _make_service(self) -> ObjectService:
        from flowkit_azure.data_tools.service import AzureBlobService

        return AzureBlobService(AZURE.client("blob", "DATATOOLS", self._options))

    def _make_object(self, url: str, prefix: str | None, **facts: Any) -> AzureBlobObject:
        return AzureBlobObject(url, prefix, **facts)


class AzureDataClient(ToolsDataClient):
    """What ``IncludeFile("f", default="azure://…")`` reads with."""

    name: ClassVar[str] = "azure"
    tools: ClassVar[type[DataTools[Any]]] = AzureBlob


class AzureShortDataClient(AzureDataClient):
    """The same for ``az://``, as other programs write it."""

    name: ClassVar[str] = "az"
