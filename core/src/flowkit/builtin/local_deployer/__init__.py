"""The deployer ``local``: runs in the background of this machine, of the code as it was when it was deployed."""

from __future__ import annotations

from flowkit.builtin.local_deployer.deployer import LocalDeployer

__all__ = ["LocalDeployer"]
