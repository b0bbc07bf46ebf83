"""`v2v doctor`, `gc`: a project kept whole, and kept small."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import table

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@click.command()
@click.option("--fix", is_flag=True, help="Put right what is safe to; nothing that was finished is deleted.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_context
def doctor(context: click.Context, fix: bool, as_json: bool) -> None:
    """Check machine, records, footage, pictures, frames, jobs and cache. Ends with 3 where something stays wrong.

    \b
    Example: v2v -C projects/demo doctor --fix
    """
    from v2v_studio.studio import Studio

    session: Session = context.obj
    with progress(session, "doctor") as tell:
        found = Studio(session.project).doctor(fix, tell)
    if as_json:
        click.echo(json.dumps([one.row() for one in found]))
    else:
        for one in found:
            click.echo(("fixed: " if one.fixed else "") + one.finding.sentence)
    left = [one for one in found if not one.fixed]
    fixable = sum(one.finding.fix is not None for one in left)
    hint = f"; {fixable} can be put right with --fix" if fixable else ""
    click.echo(f"{len(found)} findings, {len(found) - len(left)} fixed{hint}" if found else "all is well", err=True)
    context.exit(3 if left else 0)


@click.command()
@click.option("--budget", required=True, metavar="SIZE", help="What the project may take up, such as 20GB or 500MB.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def gc(session: Session, budget: str, dry_run: bool, as_json: bool) -> None:
    """Free disk space: the cache first, then rejected takes, then pending ones that are not selected.

    \b
    Example: v2v -C projects/demo gc --budget 20GB --dry-run
    """
    from v2v_studio.studio import Studio

    made = Studio(session.project).gc(parse_bytes(budget), dry_run)
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    if made.gone:
        table(("what", "where", "frees"), [(str(r["kind"]), str(r["where"]), size(int(r["bytes"]))) for r in made.gone])  # type: ignore[call-overload]
    went = "would go" if dry_run else "gone"
    freed = f"{size(made.before - made.after)} {went}, {size(made.after)} left"
    say(session, [freed])
    if made.after > made.budget:
        say(session, [f"still {size(made.after - made.budget)} over {size(made.budget)}; what stays, and why:"])
        say(session, (f"  {where}: {why}" for where, why in made.held.items()))


def parse_bytes(text: str) -> int:
    """ "20GB", "1.5 TB" or "4096" -> bytes, counted in thousands."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([KMGT]?)B?", text.strip().upper())
    if match is None:
        raise click.UsageError(f"'{text}' is not a size; write it as 20GB or 500MB")
    return round(float(match[1]) * UNITS[match[2]])


def size(count: int) -> str:
    """Bytes for reading: 1234567 is "1.2 MB"."""
    unit = max((unit for unit, factor in UNITS.items() if factor <= max(count, 1)), key=UNITS.__getitem__)
    return f"{count} bytes" if unit == "" else f"{count / UNITS[unit]:.1f} {unit}B"
