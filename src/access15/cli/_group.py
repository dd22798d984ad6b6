"""The command ``access15``: commands loaded when named, and one way for all of them to fail."""

from __future__ import annotations

import errno
import importlib
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from access15.cli._process import PIPE_CLOSED, Ended, close_stdout, ready
from access15.errors import Access15Error, InfeasibleError
from access15.leftovers import no_name, shortened

COMMANDS: Final = (
    "demo",
    "init",
    "inspect",
    "run",
    "coverage",
    "isochrones",
    "matrix",
    "gaps",
    "site",
    "check",
    "compare",
    "explore",
    "info",
)
"""In the order of the help page; each is a module of this package that holds ``command``."""

_PACKAGE = str(Path(__file__).resolve().parents[1])


class _Group(click.Group):
    """Loads a command's module when it is named, and turns every error into one line and an exit code."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"access15.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        if not any(parameter.name == "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(
                f"{error.message.rstrip('.')}: use one of {', '.join(COMMANDS)}", ctx
            ) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; where the reader of its output goes away that is told apart from a missed target."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Click itself would leave with 1.
            raise Ended(PIPE_CLOSED) from None

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command and leave with 0 (done), 1 (a check or target failed), 2 (bad input or usage) or 130."""
        words = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        with ready():
            try:
                with warnings.catch_warnings():
                    warnings.showwarning = _note
                    code = super().main(words, prog_name or "access15", **extra)
                    sys.stdout.flush()
            except BrokenPipeError:
                close_stdout()
                sys.exit(128 + PIPE_CLOSED)
            except Ended as ended:
                if ended.signal == PIPE_CLOSED:
                    close_stdout()
                else:
                    _report(click.Abort(), debug=False)
                sys.exit(128 + ended.signal)
            except Exception as error:
                sys.exit(_report(error, debug="--debug" in words))
            except KeyboardInterrupt:
                sys.exit(_report(click.Abort(), debug=False))
        sys.exit(code if isinstance(code, int) else 0)


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, help="Show where in the program an error arose."
    )


def _note(message: Warning | str, category: type[Warning], filename: str, *_: object, **__: object) -> None:
    """Show warnings of access15 as one line; those of libraries are for programmers and stay silent."""
    if filename.startswith(_PACKAGE) and issubclass(category, UserWarning):
        click.echo(f"access15: note: {_one_line(message)}", err=True)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _report(error: Exception, *, debug: bool) -> int:
    """Print an error as one line; return the exit code."""
    if isinstance(error, click.Abort):
        click.echo("access15: stopped", err=True)
        return 130
    if debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        text, code = _usage_text(error), 2
    elif isinstance(error, Access15Error):
        text, code = str(error), 1 if isinstance(error, InfeasibleError) else 2
    elif _lacks_memory(error):
        text, code = (
            "the memory of this machine does not suffice: use a smaller extract, or close other programs",
            2,
        )
    elif isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        text, code = f"{shortened(Path(str(error.filename)))} is no name for a file: {no_name(error)}", 2
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        text, code = "the device is full: free space there or choose another folder", 2
    else:
        text, code = f"unexpected {type(error).__name__}: {error}", 2
        text += "" if debug else "; run again with --debug and report what it shows"
    click.echo(f"access15: error: {_one_line(text)}", err=True)
    return code


def _lacks_memory(error: BaseException | None) -> bool:
    """Return whether memory ran out; where a library did not fit, the loader says so in its own words."""
    while error is not None:
        words = str(error)
        if isinstance(error, MemoryError) or "failed to map segment" in words or "annot allocate" in words:
            return True
        error = error.__context__
    return False


def _usage_text(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    ctx = getattr(error, "ctx", None)
    return f"{text} (see {ctx.command_path} --help)" if ctx is not None else text


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="access15", prog_name="access15")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Who reaches primary care in 15 minutes, who does not, and where the next sub-centre should go.

    Start with: access15 demo
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


main.params.append(_debug_option())
