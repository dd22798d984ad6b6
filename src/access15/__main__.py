"""``python -m access15`` is the command ``access15``."""

from access15.cli import main

if __name__ == "__main__":
    main(prog_name="access15")
