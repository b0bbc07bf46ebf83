"""The command `v2v`: each verb parses, calls the service, and prints. Data on stdout, progress on stderr."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

from v2v_studio import __version__
from v2v_studio.errors import ResourceError, StudioError, full, sentence

VERBS = {
    "run": "run",
    "init": "project",
    "status": "project",
    "options": "project",
    "ingest": "footage",
    "cut": "shots",
    "shots": "shots",
    "split": "shots",
    "merge": "shots",
    "trim": "shots",
    "disable": "shots",
    "stylize": "looks",
    "pick": "pick",
    "boxes": "boxes",
    "motion": "motion",
    "draw": "draw",
    "suggest": "suggest",
    "plan": "render",
    "render": "render",
    "jobs": "jobs",
    "work": "jobs",
    "farm": "farm",
    "takes": "takes",
    "review": "takes",
    "assemble": "edit",
    "import": "edit",
    "doctor": "upkeep",
    "gc": "upkeep",
    "reel": "reel",
    "compare": "compare",
    "report": "report",
    "evaluate": "evaluate",
    "train": "train",
    "recipe": "replay",
    "replay": "replay",
    "propagate": "propagate",
    "models": "models",
    "ui": "ui",
}


@dataclass(frozen=True)
class Session:
    """What stands before the verb: the project folder, and how much to say."""

    project: Path
    quiet: bool


class Verbs(click.Group):
    """Verbs in the order of the work, each module imported when its verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        return getattr(import_module(f"v2v_studio.cli.{VERBS[name]}"), f"{name}_" if iskeyword(name) else name)


def offline(context: click.Context, option: click.Parameter, chosen: bool) -> None:
    """Set before any module of a verb is imported: the hub's library reads it when it is imported."""
    if chosen:
        os.environ["HF_HUB_OFFLINE"] = "1"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "project", type=click.Path(path_type=Path), default=".", metavar="DIR", help="Project folder.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes.")
@click.option(
    "--offline", is_flag=True, is_eager=True, expose_value=False, callback=offline, help="Never use the network."
)
@click.version_option(__version__, prog_name="v2v")
@click.pass_context
def cli(context: click.Context, project: Path, quiet: bool) -> None:
    """Restyle footage shot by shot, from one styled frame a shot.

    \b
    In one go:   v2v -C myfilm run clip.mp4 --translator filters -p preset=watercolor
    Verb by verb: init, ingest, cut, stylize, render, review, assemble
    """
    context.obj = Session(project, quiet)


def main() -> None:
    """Entry point: errors become one sentence and an exit code; a traceback is a bug."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us politely means Ctrl-C
    try:
        code = cli(standalone_mode=False)
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _say("stopped; run the same command again to go on", 130)
    except StudioError as error:
        code = _say(str(error), error.exit_code)
    except MemoryError:
        code = _say("out of memory; render at a smaller size (--size) or with --draft", ResourceError.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _say(sentence(error), ResourceError.exit_code if full(error) else StudioError.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _say(message: str, code: int) -> int:
    click.echo(f"error: {printable(message)}", err=True)
    return code


def printable(message: str) -> str:
    """A message on one line, whatever stands in the names it mentions: no newline, and nothing a terminal obeys."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
