"""``access15 init``: a first study from the files there are."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--out",
    default="study.toml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Study file to write.",
)
@click.option("--force", is_flag=True, help="Replace a study file that is there already.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of what is said and of the comments in the study.",
)
@click.option("--streets", type=click.Path(path_type=Path), help="This file is the streets.")
@click.option("--clinics", type=click.Path(path_type=Path), help="This file is the clinics.")
@click.option("--people", type=click.Path(path_type=Path), help="This file is the people.")
@click.option("--areas", type=click.Path(path_type=Path), help="This file is the areas to report on.")
@click.option("--candidates", type=click.Path(path_type=Path), help="This file is the candidate sites.")
def command(files: tuple[Path, ...], out: Path, force: bool, lang: str, **named: Path | None) -> None:
    """Write a first study of the files given, in any order: streets, clinics, people, areas.

    A folder stands for the files in it. Says what each file was taken for and what is in doubt; the study has comments
    and runs as it is, or says what is missing. Where two files could be the same thing name the right one: --people FILE.
    """
    from access15.cli._out import check_out_file
    from access15.errors import InputError
    from access15.study import draft_study, role_title, write_draft

    if not files and not any(named.values()):
        raise click.UsageError("name the files to begin with, or the folder they are in")
    check_out_file(out, ".toml")
    if out.exists() and not force:
        raise InputError(f"{out} exists already: name another file with --out, or say --force")
    made = draft_study(files, out, lang, {role: file for role, file in named.items() if file is not None})
    write_draft(made, out)
    for role, text in made.found:
        click.echo(f"{role_title(role, lang)}: {' '.join(text.split())}")
    for doubt in made.doubts:
        click.echo(f"{'存疑' if lang == 'zh' else 'in doubt'}: {' '.join(doubt.split())}")
    click.echo(f"{'已写入' if lang == 'zh' else 'written'}: {out}")
    click.echo(f"{'下一步' if lang == 'zh' else 'next'}: access15 run {out}")
