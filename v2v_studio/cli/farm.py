"""`v2v farm`: many machines as one, and the options that have them work."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from v2v_studio.cli.progress import say
from v2v_studio.cli.table import show

if TYPE_CHECKING:
    from v2v_studio.cli import Session
    from v2v_studio.executors.cluster import Farm

Command = Callable[..., None]
FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)


def at(context: click.Context, option: click.Parameter, address: str | None) -> None:
    """Set where Ray and the processes that are started look for it."""
    if address:
        os.environ["RAY_ADDRESS"] = address


ADDRESS = click.option(
    "--address",
    metavar="HOST:PORT",
    expose_value=False,
    callback=at,
    help="The farm. Default: $RAY_ADDRESS, or the one this machine is part of.",
)


def executor_options(command: Command) -> Command:
    """The options that say where work is done, shared by `render` and `work`."""
    on = click.option(
        "--executor",
        type=click.Choice(("local", "ray")),
        default="local",
        show_default=True,
        help="This machine, or a farm.",
    )
    return on(ADDRESS(command))


@click.group()
def farm() -> None:
    """Begin, end and look at a farm: machines that share the project's folder and render as one.

    \b
    Example: v2v farm up
             v2v farm up /shared/farm.json   on each of its hosts
    """


@farm.command()
@FILE
@click.option("--cores", type=click.IntRange(0), help="That this machine gives. Default: all, or as the file says.")
@click.option("--host", help="Which host of FILE this machine is. Default: the one it calls itself.")
@click.option("--dry-run", is_flag=True, help="Only show what to start where.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def up(session: Session, file: Path | None, cores: int | None, host: str | None, dry_run: bool, as_json: bool) -> None:
    """Begin this machine's part of the farm, and show what to start on the other hosts of FILE.

    \b
    Example: v2v farm up /shared/farm.json
    """
    from v2v_studio.executors import cluster

    begun = None if dry_run else cluster.up(file, cores, host).host
    name = begun or host or platform.node()
    described = cluster.read_farm(file) if file else cluster.Farm(head=name, hosts={name: cluster.Host()})
    show([row(described, one, begun, file) for one in described.hosts], ("host", "part", "state"), as_json)
    if begun:
        say(session, ["render on it with: v2v -C PROJECT render --executor ray"])


def row(described: Farm, host: str, begun: str | None, file: Path | None) -> dict[str, Any]:
    """A host, and how its part is begun there where it is not yet."""
    part = "head" if host == described.head else "worker"
    return {"host": host, "part": part, "state": "up" if host == begun else f"begin it there with: {how(file)}"}


def how(file: Path | None) -> str:
    return f"v2v farm up {file}" if file else "v2v farm up"


@farm.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def down(session: Session, as_json: bool) -> None:
    """End this machine's part of the farm. What it was rendering is kept, and goes on elsewhere or later.

    \b
    Example: v2v farm down
    """
    from v2v_studio.executors import cluster

    ended = cluster.down()
    if as_json:
        click.echo(json.dumps({"ended": ended.address if ended else None}))
    else:
        click.echo(f"ended: {ended.address}" if ended else "no farm was up here")
    if ended and ended.file:
        others = [host for host in cluster.read_farm(Path(ended.file)).hosts if host != ended.host]
        say(session, [f"the same on: {', '.join(others)}"] if others else [])


@farm.command()
@FILE
@ADDRESS
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
def status(file: Path | None, as_json: bool) -> None:
    """Show the hosts of the farm, what they give, and those of FILE that are not there.

    \b
    Example: v2v farm status /shared/farm.json
    """
    from v2v_studio.executors import cluster

    described = cluster.read_farm(file) if file else None
    rows = cluster.hosts()
    absent = {"state": f"begin it there with: {how(file)}", "cores": 0, "gpus": 0, "gigabytes": 0.0}
    for host in described.hosts if described else ():
        if not any(row["host"] == host for row in rows):
            rows.append({"host": host, **absent})
    show(rows, ("host", "state", "cores", "gpus", "gigabytes"), as_json)
