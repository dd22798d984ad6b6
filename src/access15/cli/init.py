"""``access15 init``: a first study from the files there are."""

from __future__ import annotations

from pathlib import Path

import click

_ROLES = {
    "streets": "道路",
    "clinics": "医疗服务点",
    "people": "人口",
    "areas": "区域",
    "candidates": "候选点",
    "group": "人群",
    "heights": "高程",
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
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
def command(files: tuple[Path, ...], out: Path, force: bool, lang: str) -> None:
    """Write a first study of the files given, in any order: streets, clinics, people, areas.

    A folder stands for the files in it. Says what each file was taken for and what is in doubt; the study has comments
    and runs as it is.
    """
    from access15.cli._out import check_out_file
    from access15.errors import InputError
    from access15.study import draft_study, write_draft

    check_out_file(out, ".toml")
    if out.exists() and not force:
        raise InputError(f"{out} exists already: name another file with --out, or say --force")
    made = draft_study(files, out, lang)
    write_draft(made, out)
    for role, text in made.found:
        click.echo(f"{_ROLES[role] if lang == 'zh' else role}: {text}")
    for doubt in made.doubts:
        click.echo(f"{'存疑' if lang == 'zh' else 'in doubt'}: {doubt}")
    click.echo(f"{'已写入' if lang == 'zh' else 'written'}: {out}")
    click.echo(f"{'下一步' if lang == 'zh' else 'next'}: access15 run {out}")
