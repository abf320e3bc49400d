"""``flowkit configure gcp``."""

from __future__ import annotations

import os

from flowkit.plugin import ConfigurationError, Found, Location, Question, configure_command

__all__ = ["configure"]


def _credentials_file() -> Found | None:
    value = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    return Found(value, "GOOGLE_APPLICATION_CREDENTIALS") if value else None


def _is_file(path: str) -> None:
    if not os.path.isfile(os.path.expanduser(path)):
        raise ConfigurationError(f"there is no file {path}")


configure = configure_command(
    "gcp",
    "Store artifacts in Google Cloud Storage: ask for bucket and credentials, and write them to a configuration file.",
    [
        Question(
            "DATASTORE_SYSROOT_GS",
            "--datastore-root",
            "Where artifacts go, as gs://BUCKET/PREFIX",
            required=True,
            check=lambda root: Location.parse(root, "gs"),
        ),
        Question(
            "GCP_CREDENTIALS_FILE",
            "--credentials-file",
            "Key file of a service account; none for what gcloud has",
            find=_credentials_file,
            check=_is_file,
        ),
        Question("GCP_ROLE", "--role", "Service account to impersonate"),
        Question("GCP_QUOTA_PROJECT", "--quota-project", "Project that pays for requests"),
        Question(
            "GCP_CREDENTIAL",
            "--credential",
            "default, or anonymous for a service that asks for none",
            choices=("default", "anonymous"),
            by_option_only=True,
        ),
        Question(
            "GCP_ENDPOINT_URL", "--endpoint-url", "Address of a service with the same interface", by_option_only=True
        ),
        Question("GCP_CA_BUNDLE", "--ca-bundle", "File of certificates to trust", by_option_only=True),
    ],
    "gs",
)
