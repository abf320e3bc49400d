"""Addresses of objects: from keys, URLs and roots."""

from __future__ import annotations

from typing import Any

import attrs

from flowkit.authoring.current import current
from flowkit.datatools.error_family import ErrorFamily
from flowkit.datatools.keys import key_of
from flowkit.settings import PREFIX, Settings

__all__ = ["Address", "Addresses", "root_of_run"]


@attrs.frozen
class Address:
    """``scheme://bucket/name``. The name is taken as it is: nothing in it is escaped or has a meaning."""

    scheme: str
    bucket: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.name}"

    def within(self, name: str) -> Address:
        """Another object of the same bucket."""
        return attrs.evolve(self, name=name)


@attrs.frozen
class Addresses:
    """Turns keys into addresses, below a root if there is one."""

    schemes: tuple[str, ...]
    errors: ErrorFamily
    #: Without a slash at its end.
    root: str | None
    longest_name: int

    def of(self, key: Any) -> tuple[str, Address]:
        """The URL of a key, and its address.

        Parameters
        ----------
        key
            A URL if there is no root; else what comes after the root, which is meant by None and "".

        Raises
        ------
        ObjectURLError
            The family's own, if it is neither, or too long.
        """
        url = self.url(key_of(key))
        return url, self.parse(url)

    def url(self, key: str | None) -> str:
        """The URL of a key; see :meth:`of`."""
        scheme = self.schemes[0]
        if self.root is None:
            if key is not None and self._scheme_of(key):
                return key
            if current.is_running_flow:
                raise self.errors.url(
                    f"{key!r} is not a {scheme}:// URL: say run=self to store below this run, or give whole URLs"
                )
            raise self.errors.url(f"{key!r} is not a {scheme}:// URL: give whole URLs, or a root or run for keys")
        if not key:
            return self.root
        if self._scheme_of(key):
            raise self.errors.url(
                f"{key!r} is a whole URL, and this tool has the root {self.root}: give a key below the root, or make a "
                "tool without one"
            )
        relative = key.lstrip("/")
        return f"{self.root}/{relative}" if relative else self.root

    def parse(self, url: str) -> Address:
        """The address that a URL is. Raises the family's ``url``."""
        scheme = self._scheme_of(url)
        if scheme is None:
            raise self.errors.url(f"{url!r} is not a URL that begins with {self.schemes[0]}://")
        bucket, _, name = url[len(scheme) + 3 :].partition("/")
        if not bucket:
            raise self.errors.url(f"{url!r} names no bucket: give {self.schemes[0]}://BUCKET/NAME")
        try:
            size = len(name.encode())
        except UnicodeEncodeError:
            raise self.errors.url(f"{url!r} has characters that can't be sent: take them out") from None
        if size > self.longest_name:
            raise self.errors.url(
                f"the name in {url[:80]}… has {size} bytes; names there have up to {self.longest_name}"
            )
        return Address(self.schemes[0], bucket, name)

    def parse_object(self, url: str) -> Address:
        """As :meth:`parse`, of a URL that must name an object."""
        address = self.parse(url)
        if not address.name:
            raise self.errors.url(f"{url!r} names a bucket and no object: give {self.schemes[0]}://BUCKET/NAME")
        return address

    def _scheme_of(self, text: str) -> str | None:
        return next((scheme for scheme in self.schemes if text.startswith(f"{scheme}://")), None)


def root_of_run(scheme: str, errors: ErrorFamily, name: str, run: Any, bucket: str | None, prefix: str | None) -> str:
    """Where a run's objects are: ``<root>/<flow>/<run>``, the same from inside the run and from the client.

    Parameters
    ----------
    name
        In settings: DATATOOLS_``name``ROOT, else DATATOOLS_SUFFIX below DATASTORE_SYSROOT_``name``.
    run
        A flow, whose run it is, or a run of the client's.
    bucket, prefix
        In place of the root's.

    Raises
    ------
    ObjectURLError
        The family's own, if no root is configured, or a flow is given where none runs.
    """
    configured = configured_root(name)
    if configured is None and not bucket:
        raise errors.url(
            f"where are a run's files to be? set {PREFIX}DATATOOLS_{name}ROOT to a {scheme}:// URL, or give a root"
        )
    own_bucket, _, own_prefix = (configured or "").partition("://")[2].partition("/")
    parts = [bucket or own_bucket, (prefix or own_prefix).strip("/"), *_flow_and_run(run, errors)]
    return f"{scheme}://{'/'.join(part for part in parts if part)}"


def configured_root(name: str) -> str | None:
    """The root that the settings give; None if none is set."""
    settings = Settings.load()
    if root := settings.get(f"DATATOOLS_{name}ROOT"):
        return root.rstrip("/")
    if root := settings.get(f"DATASTORE_SYSROOT_{name}"):
        return f"{root.rstrip('/')}/{settings.get('DATATOOLS_SUFFIX')}"
    return None


def _flow_and_run(run: Any, errors: ErrorFamily) -> tuple[str, str]:
    from flowkit.authoring.flowspec import FlowSpec

    if not isinstance(run, FlowSpec):
        try:
            return str(run.parent.id), str(run.id)
        except AttributeError:
            raise errors.url(f"run={run!r} is neither a flow nor a run: give self in a step, or Run(...)") from None
    if not current.is_running_flow:
        raise errors.url("run=self works where a run is: in a step. Elsewhere give run=Run('Flow/id')")
    return str(current.flow_name), str(current.run_id)
