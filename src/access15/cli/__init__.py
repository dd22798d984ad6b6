"""The command line. A command imports what it needs when it runs; here there is click and nothing else."""

from access15.cli._group import main

__all__ = ["main"]
