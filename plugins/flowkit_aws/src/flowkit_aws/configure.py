"""``flowkit configure aws``."""

from __future__ import annotations

import os
from collections.abc import Callable

from flowkit.plugin import Found, Location, Question, configure_command

__all__ = ["configure"]


def _find(variable: str, *names: str) -> Callable[[], Found | None]:
    """What the AWS tools would take, from the environment or their files."""

    def find() -> Found | None:
        import botocore.session
        from botocore.exceptions import BotoCoreError

        for name in names:
            if value := os.environ.get(name):
                return Found(value, name)
        try:
            value = botocore.session.Session().get_config_variable(variable)
        except BotoCoreError:  # a profile that isn't there
            return None
        return Found(str(value), os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")) if value else None

    return find


configure = configure_command(
    "aws",
    "Store artifacts in Amazon S3: ask for bucket, profile and region, and write them to a configuration file.",
    [
        Question(
            "DATASTORE_SYSROOT_S3",
            "--datastore-root",
            "Where artifacts go, as s3://BUCKET/PREFIX",
            required=True,
            check=lambda root: Location.parse(root, "s3"),
        ),
        Question(
            "AWS_PROFILE",
            "--aws-profile",
            "Profile of the AWS tools",
            find=_find("profile", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        ),
        Question(
            "AWS_REGION", "--region", "Region of the bucket", find=_find("region", "AWS_REGION", "AWS_DEFAULT_REGION")
        ),
        Question("AWS_ROLE", "--role", "ARN of a role to assume"),
        Question("AWS_ENDPOINT_URL", "--endpoint-url", "Address of a service with S3's interface", by_option_only=True),
        Question("AWS_CA_BUNDLE", "--ca-bundle", "File of certificates to trust", by_option_only=True),
        Question(
            "AWS_SERVER_SIDE_ENCRYPTION",
            "--encryption",
            "How S3 encrypts what is written",
            choices=("AES256", "aws:kms"),
            by_option_only=True,
        ),
    ],
    "s3",
)
