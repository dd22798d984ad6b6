"""The errors access15 raises: one root, and every leaf is also a builtin exception.

A message is one sentence that says what was wrong, where (file, row or column), and what to do.
The command line prints it as it is and exits with 2.
"""

from __future__ import annotations


class Access15Error(Exception):
    """Root of every error that access15 raises on purpose."""


class InputError(Access15Error, ValueError):
    """A value, table or file holds something that cannot be used."""


class MissingFileError(Access15Error, FileNotFoundError):
    """A file that was named does not exist."""


class CRSError(InputError):
    """A coordinate reference system is missing, wrong, or does not fit the coordinates."""


class MismatchError(Access15Error, ValueError):
    """Results were mixed that were computed from different inputs."""


class InfeasibleError(Access15Error, ValueError):
    """No plan can meet what was asked; the message says how far one can get."""


class OutputError(Access15Error, OSError):
    """A result could not be written; nothing half-written is left behind."""


class MissingPackageError(Access15Error, ImportError):
    """A step needs a package that is not installed; the message names the extra that brings it."""


class OfflineError(Access15Error, ConnectionError):
    """A step needs the network and the network is not there."""
