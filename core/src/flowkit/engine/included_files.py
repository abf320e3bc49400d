"""Files that a run was given, read and stored when it starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowkit.authoring.include_file import IncludedFile
from flowkit.engine.session import Session
from flowkit.errors import FlowkitError, ParameterError, StorageFull, StorageReadOnly
from flowkit.model.artifact import ArtifactEntry

__all__ = ["store_file"]


def store_file(session: Session, name: str, attribute: str, file: IncludedFile) -> ArtifactEntry:
    """Store the content of a file, or what its parser makes of it.

    Parameters
    ----------
    name, attribute
        Of the parameter.

    Raises
    ------
    ParameterError
        That names the parameter and the file, if it can't be read, decoded or parsed.
    StorageFull, StorageReadOnly
    """
    try:
        with _on_this_machine(session, file) as path:
            if file.parser is None:
                return session.store.save_file(attribute, path, encoding=file.encoding)
            return session.store.save(attribute, _parsed(file, path))
    except (StorageFull, StorageReadOnly):
        raise
    except FlowkitError as error:
        raise ParameterError(f"parameter {name!r}: {error.message}") from error


@contextmanager
def _on_this_machine(session: Session, file: IncludedFile) -> Iterator[Path]:
    if not file.scheme:
        yield Path(file.path)
        return
    import tempfile

    client = session.registry.get("data_clients", file.scheme)()
    with tempfile.TemporaryDirectory(prefix="flowkit-") as folder:
        path = Path(folder) / "file"
        client.download(file.location, path)
        yield path


def _parsed(file: IncludedFile, path: Path) -> object:
    try:
        content = path.read_bytes()
        text = content if file.encoding is None else content.decode(file.encoding)
        return None if file.parser is None else file.parser(text)
    except FlowkitError:
        raise
    except OSError as error:
        raise ParameterError(f"{file.location} can't be read: {error.strerror or error}") from None
    except Exception as error:
        raise ParameterError(f"{file.location} can't be parsed ({type(error).__name__}: {error})") from error
