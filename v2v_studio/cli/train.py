"""`v2v train`: data made ready, and every published stage of training."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from v2v_studio.cli import Session
from v2v_studio.cli.prepare import prepare
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import show


class Recipe(click.Command):
    """A recipe as a command. What it says of itself is looked up when it is asked for: torch takes seconds."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from v2v_studio.studio.train import recipe_help

        about = recipe_help(self.name or "")
        formatter.write(f"\n{about['what']}.\n\n{inspect.cleandoc(about['about'])}\n")
        with formatter.section("Options of the recipe, as published (-p)"):
            formatter.write_dl([(f"{row['option']}={row['default']}", row["what"]) for row in about["options"]])
        with formatter.section("And of other sizes (--config)"):
            formatter.write_dl([(config, assigned(changes)) for config, changes in about["changes"].items()])


class Recipes(click.Group):
    """`prepare`, and every recipe by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from v2v_studio.training.recipe import RECIPES

        return ["prepare", *RECIPES.names()]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name == "prepare":
            return prepare
        from v2v_studio.errors import unknown

        if name not in (known := self.list_commands(ctx)):
            raise unknown("recipe", name, known)
        return Recipe(name, callback=run, params=list(OPTIONS), short_help="A recipe.")


@click.group(cls=Recipes, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="The list of recipes, as one list of objects.")
@click.pass_context
def train(context: click.Context, as_json: bool) -> None:
    """Train one of the networks, stage by stage as published; without a recipe, list them.

    \b
    Example: v2v train prepare clips/ shards/ --frames 16 --stride 8
             v2v train motion_i2v_flow_vae --data shards/ --out runs/flow --config mini --steps 20000
    """
    if context.invoked_subcommand is None:
        from v2v_studio.studio.train import recipe_rows

        show(recipe_rows(), ("recipe", "what"), as_json)


OPTIONS = [
    click.Option(
        ["--data"],
        multiple=True,
        required=True,
        metavar="SHARDS",
        help="Folder of shards, files or a pattern; may be given again.",
    ),
    click.Option(
        ["--out"], type=click.Path(path_type=Path, file_okay=False), required=True, help="The run's own folder."
    ),
    click.Option(["--steps"], type=click.IntRange(1), required=True, help="In all; those done before among them."),
    click.Option(
        ["--config"],
        type=click.Choice(["toy", "mini", "released"]),
        default="released",
        show_default=True,
        help="Size of the networks.",
    ),
    click.Option(["--seed"], type=click.IntRange(0), default=0, show_default=True, help="Of all that is drawn."),
    click.Option(
        ["--save-every"], type=click.IntRange(1), default=500, show_default=True, help="Steps between checkpoints."
    ),
    click.Option(["--device"], type=click.Choice(["auto", "cpu"]), default="auto", show_default=True),
    click.Option(["assignments", "-p"], multiple=True, metavar="KEY=VALUE", help="Option of the recipe; see below."),
    click.Option(["as_json", "--json"], is_flag=True, help="One object."),
]


@click.pass_context
def run(
    context: click.Context,
    data: tuple[str, ...],
    out: Path,
    steps: int,
    assignments: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """A recipe, trained; what was stopped goes on from its newest checkpoint."""
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio.train import train_recipe

    session: Session = context.obj
    name = context.info_name or ""
    with progress(session, name) as tell:
        made = train_recipe(name, data, out, steps, options=parse_assignments(assignments), on_progress=tell, **options)
    if os.environ.get("RANK", "0") != "0":  # another process says it
        return
    if as_json:
        click.echo(json.dumps(made))
        return
    how = f", loss {made['loss']:.4g}" if "loss" in made else " (they were done before)"
    click.echo(f"{steps} steps of {name}{how}: {out}")


def assigned(options: Mapping[str, Any]) -> str:
    """As they are written behind -p."""
    return " ".join(f"{name}={value}" for name, value in options.items())
