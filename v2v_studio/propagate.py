"""Carry one styled frame through a folder of frames: the renderer as a tool for other tools. No project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import frame_files, read_png, write_png
from v2v_studio.tracks.run import Pass
from v2v_studio.tracks.table import set_up
from v2v_studio.types import Anchor, Array


def propagate(
    source: Path,
    key: Path,
    out: Path,
    options: Mapping[str, Any],
    track: str = "restyle",
    seed: int = 0,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Render every frame of `source` but the first, in the look of `key`, under the same names.

    Args:
        source: folder of numbered PNGs, all of one size.
        key: the first of them, styled, at the same size.
        out: folder to write to; made if it is not there.
        on_frame: told (frames done, frames in all).

    Returns:
        The number of frames written.

    Raises:
        MediaError: fewer than two frames, or sizes that differ.
    """
    files = frame_files(source)
    if len(files) < 2:
        raise MediaError(
            f"{source} holds {len(files)} numbered PNGs; propagate needs the first frame and at least one more"
        )
    first, styled = read_png(files[0]), read_png(key)
    if first.shape != styled.shape:
        raise MediaError(f"{key} is {_size(styled)} but {files[0].name} is {_size(first)}; make them the same size")
    out.mkdir(parents=True, exist_ok=True)

    def frames() -> Iterator[Array]:
        for file in files[1:]:
            frame = read_png(file)
            if frame.shape != first.shape:
                raise MediaError(
                    f"{file.name} is {_size(frame)} but {files[0].name} is {_size(first)}; frames must agree"
                )
            yield frame

    for step in Pass(set_up(track, options, seed), Anchor(first, styled)).steps(first, frames()):
        for index, frame in enumerate(step.frames, step.window.start):
            write_png(out / files[index].name, frame)
            on_frame(index, len(files) - 1)
    return len(files) - 1


def _size(frame: Array) -> str:
    return f"{frame.shape[2]}x{frame.shape[1]}"
