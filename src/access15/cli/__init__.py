"""The command line. A command imports what it needs when it runs; here there is click and nothing else."""

import sys

try:
    from access15.cli._group import main
except KeyboardInterrupt:  # Ctrl-C while Python still loads: as later, one line and no traceback.
    sys.stderr.write("access15: stopped\n")
    sys.exit(130)

__all__ = ["main"]
