"""The command line: ``python flow.py …`` and ``flowkit …``.

:mod:`flowkit.cli.main` starts both. Commands are found through the registry, one file each under
:mod:`flowkit.cli.commands`; what they share is in the other modules here.
"""
