"""`v2v models`: the networks' weights on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import Tell, say
from v2v_studio.cli.table import table
from v2v_studio.cli.upkeep import size

if TYPE_CHECKING:
    from v2v_studio.models.fetch import Plan


@click.group()
def models() -> None:
    """List, fetch, verify, convert and remove models. Nothing is ever fetched but by `fetch`.

    \b
    Example: v2v models list
    """


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
def list_(as_json: bool) -> None:
    """List every model: what it is for, its size and licence, and where it is.

    \b
    Example: v2v models list
    """
    from v2v_studio.studio.models import model_rows

    rows = model_rows()
    if as_json:
        click.echo(json.dumps(rows))
        return
    head = ("name", "for", "size", "licence", "where")
    table(head, [(row["name"], *told(row), state(row)) for row in rows])  # type: ignore[misc]


def told(row: dict[str, object]) -> tuple[str, str, str]:
    """What a model is for, its size (~ where it is estimated) and its licence."""
    about = "~" if row["size is"] == "estimated" else ""
    bytes_ = about + size(int(row["size"])) if row["size"] else ""  # type: ignore[call-overload]
    return ", ".join(row["for"]), bytes_, "" if row["unavailable"] else str(row["licence"])  # type: ignore[arg-type]


def state(row: dict[str, object]) -> str:
    """Where a model is, or why it is not here."""
    if row["unavailable"]:
        return f"cannot be used: {row['unavailable']}"
    if row["where"]:
        return str(row["where"])
    return f"not here, {size(int(row['begun']))} fetched" if row["begun"] else "not here"  # type: ignore[call-overload]


@models.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask; the licences are accepted.")
@click.pass_obj
def fetch(session: Session, names: tuple[str, ...], yes: bool) -> None:
    """Fetch models into the folder that V2V_MODELS names, or into ~/.cache/v2v_studio/models.

    \b
    NAME is one of `v2v models list`, or a repository OWNER/NAME of the hub.
    Example: v2v models fetch sd15
    What broke off goes on where it stopped; what is there already is only checked.
    """
    from v2v_studio.studio.models import fetch_model

    for name in names:
        with transfer(session, name) as tell:
            path, new = fetch_model(name, lambda plan: ask(plan, yes), tell)
        click.echo(f"{name}: {path}")
        say(session, [] if new else [f"{name} was there already"])


def ask(plan: Plan, yes: bool) -> None:
    """Show what would be fetched, and ask. Abort where the answer is no."""
    from v2v_studio.errors import UsageError

    at = f", revision {plan.revision[:12]}" if plan.revision else ""
    rest = f", {size(plan.left)} of them still to come" if plan.left < plan.size else ""
    lines = [
        f"{plan.title}, from {plan.source}{at}" if plan.title != plan.source else f"{plan.source}{at}",
        f"licence: {plan.licence}" + ("; it has to be accepted on the hub first" if plan.gated else ""),
        f"{len(plan.files)} files, {size(plan.size)}{rest}; {size(plan.free)} are free",
        f"into {plan.folder}",
    ]
    for line in lines:
        click.echo(line, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"nobody is there to confirm this; if you accept it: v2v models fetch {plan.name} --yes")
    click.confirm("fetch it?", abort=True, err=True)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_context
def verify(context: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Read models again and hold every file against its digest. Ends with 1 where one differs.

    \b
    Example: v2v models verify sd15
    """
    from v2v_studio.studio.models import verify_models

    session: Session = context.obj
    with transfer(session, "verify") as tell:
        checks = verify_models(names, tell)
    if as_json:
        rows = [{"name": c.name, "path": str(c.path), "files": c.files, "wrong": c.wrong} for c in checks]
        click.echo(json.dumps(rows))
    else:
        for check in checks:
            remedy = f"fetch it again with: v2v models fetch {check.name}" if check.ours else "replace it"
            for path, what in check.wrong.items():
                click.echo(f"{check.path}: {path}: {what}; {remedy}")
            if not check.wrong:
                held = f"{check.files} files are as they should be" if check.files else "there is no digest to check"
                click.echo(f"{check.name}: {held}")
    if not checks:
        say(session, ["no model was fetched yet; see what there is with: v2v models list"])
    context.exit(1 if any(check.wrong for check in checks) else 0)


@models.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: beside it, .safetensors.")
@click.pass_obj
def convert(session: Session, path: Path, folder: Path | None, out: Path | None) -> None:
    """Turn a .bin, .ckpt, .pt or .pth into safetensors. Tensors are read, code in it is never run; the source stays.

    \b
    Example: v2v models convert mystyle.ckpt
    The release of motion-i2v or smcd, in FOLDER or where it was fetched: v2v models convert smcd FOLDER
    """
    from v2v_studio.studio.models import RELEASES, convert_model, convert_release

    if str(path) in RELEASES:
        target = convert_release(str(path), folder, lambda part, count: say(session, [f"{part}: {count} tensors"]))
        click.echo(f"{path}: {target}")
        return
    if folder:
        known = " and ".join(RELEASES)
        raise click.UsageError(f"only {known} are converted from a folder; name one file, and its result with --out")
    made = convert_model(path, out)
    click.echo(f"{made.target}: {made.tensors} tensors")
    say(session, [f"sha256 {made.source_sha256}  {made.source}", f"sha256 {made.target_sha256}  {made.target}"])
    if made.unwrapped:
        say(session, [f"taken out of: {'.'.join(made.unwrapped)}"])
    if made.left_out:
        say(session, [f"no tensors, left out: {', '.join(made.left_out)}"])


@models.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def rm(session: Session, name: str, yes: bool) -> None:
    """Delete what was fetched of a model. Files that you put there, and the hub's cache, are left alone.

    \b
    Example: v2v models rm sd15
    """
    from v2v_studio.errors import UsageError
    from v2v_studio.studio.models import removable, remove_model

    paths, count = removable(name)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"nobody is there to confirm this; if you mean it: v2v models rm {name} --yes")
        click.confirm(f"delete {' and '.join(map(str, paths))} ({size(count)})?", abort=True, err=True)
    click.echo(f"{name}: {size(remove_model(name))} freed")


@contextmanager
def transfer(session: Session, what: str) -> Iterator[Tell]:
    """Yields tell(bytes, bytes in all): a bar with speed and estimate from the first call on, so that one may ask before."""
    if session.quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)

    def tell(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        bar.stop()
