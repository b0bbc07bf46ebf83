"""What may be seen from outside: small pictures and videos of a project, made once, and the files a page may ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import fit, jpeg, png, read_png, resize
from v2v_studio.media.writer import write_preview
from v2v_studio.project.atomic import write_bytes
from v2v_studio.project.control import BRUSH
from v2v_studio.project.naming import PATTERNS
from v2v_studio.project.records import Footage, Shot
from v2v_studio.studio.desk import Tell, silent, told
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.motion import Moving
from v2v_studio.types import Array

HEIGHT = 180  # of a thumbnail, in pixels
_SHOT, _FIRST, _TAKE = (f"(?:{PATTERNS[kind]})" for kind in ("shot", "first frame", "take"))
_PNG = r"[A-Za-z0-9][A-Za-z0-9._-]*\.png"
SHOWN = re.compile(
    "|".join(
        (
            rf"shots/{_SHOT}/{BRUSH.strip('^$')}",
            rf"shots/{_SHOT}/masks/{_PNG}",
            rf"shots/{_SHOT}/firstframes/{_FIRST}/{_PNG}",
            rf"shots/{_SHOT}/takes/{_TAKE}/(?:preview\.mp4|metrics\.png|(?:frames|masks|sources)/{_PNG})",
            r"cache/proxies/[0-9a-f]+\.mp4",
            rf"edits/(?:{PATTERNS['edit']})\.otio",
            r"exports/(?:[A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*",
        )
    )
)


class Showing(Moving):
    """Files for pages."""

    def servable(self, name: str) -> Path:
        """The file of that name, relative to the project with forward slashes, if it is one that may be shown.

        They are takes' previews, frames and sheets, first frames, brushes and masks, proxies, edits and exports; nothing
        that a link leads to.

        Raises:
            UsageError: any other name, or there is no such file.
        """
        path = self.store.folder / name if SHOWN.fullmatch(name) else None
        if path is None or not path.is_file() or path.resolve() != path:
            raise UsageError(f"there is nothing of the name {name!r} to show")
        return path

    def exported(self) -> list[Path]:
        """The edits and what was made of them, files only, the newest first."""
        folder = self.store.folder
        found = [*(folder / "edits").glob("*"), *(folder / "exports").glob("*")]
        shown = [path for path in found if path.is_file() and SHOWN.fullmatch(path.relative_to(folder).as_posix())]
        return sorted(shown, key=lambda path: (-path.stat().st_mtime_ns, path.name))

    def thumbnail(self, name: str, number: int | None = None, height: int = HEIGHT) -> bytes:
        """A small picture as JPEG, made once: of a shot's footage ("sh010"), a first frame or a take of it ("sh010/t001"),
        or a footage ("a001"). Where the project may not be written, it is made each time.

        Args:
            number: of the frame; where not given, a shot's that is worth painting on, and the middle of a take or a footage.
            height: in pixels, at most; a picture that is smaller is shown as it is.

        Raises:
            UsageError: no such shot, first frame, take, or frame of it.
        """
        shot, _, part = name.partition("/")
        if re.fullmatch(PATTERNS["footage"], name):
            footage = self.store.footage(name)
            identity, read = self._of_footage(footage, footage.frames // 2 if number is None else number, height)
        else:
            identity, read = self._pictured(self.store.shot(shot), part, number, height)
        path = self._cached_file("thumbnails", {**identity, "height": height}, ".jpg")
        if path.exists():
            return path.read_bytes()
        picture = read()
        small = jpeg(resize(picture, fit((picture.shape[2], picture.shape[1]), (picture.shape[2], height))))
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, small)
        return small

    def frame(self, shot: str, number: int) -> bytes:
        """A frame of a shot's footage, to be painted on: a PNG of the size that is worked at.

        Raises:
            UsageError: the shot has no such frame.
        """
        one = self.store.shot(shot)
        check_frame(shot, number, one.start <= one.frame(number) < one.end)
        return png(self.still(one, one.frame(number)))

    def _pictured(
        self, shot: Shot, part: str, number: int | None, height: int
    ) -> tuple[dict[str, object], Callable[[], Array]]:
        """What decides a picture, and how it is read."""
        if part.startswith("ff"):
            first = self.store.first_frame(shot.id, part)
            return {"first_frame": first.sha256}, lambda: read_png(self.store.first_frame_image(first))
        if part:
            take = self.store.take(shot.id, part)
            begin, end = take.of_shot
            frame = (begin + end) // 2 if number is None else take.start + number - take.number(take.start)
            check_frame(f"{shot.id}/{part}", number, take.first <= frame < take.last)
            identity = {"take": f"{shot.id}/{part}", "fingerprint": take.fingerprint, "frame": frame}
            return identity, lambda: read_png(self.store.take_frame(take, frame))
        footage = self.store.footage(shot.footage)
        frame = (shot.usable or shot.start) if number is None else shot.frame(number)
        check_frame(shot.id, number, shot.start <= frame < shot.end)
        return self._of_footage(footage, frame, height)

    def _of_footage(self, footage: Footage, frame: int, height: int) -> tuple[dict[str, object], Callable[[], Array]]:
        size = fit((footage.width, footage.height), (footage.width, height))
        read = read_footage(self.store, footage, size)
        return {"footage": footage.sha256, "frame": frame}, lambda: next(read(frame, frame + 1))

    def motion_picture(
        self,
        shot: str,
        number: int,
        track: str | None = None,
        options: Mapping[str, Any] | None = None,
        on_progress: Tell = silent,
    ) -> Path:
        """How the shot's first frame has moved by a frame, as `preview_motion` draws it; a PNG made once."""
        path = self.motion_picture_file(shot, number, track, options)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.preview_motion(shot, path, number, options, on_progress, track)
        return path

    def motion_picture_file(
        self, shot: str, number: int, track: str | None = None, options: Mapping[str, Any] | None = None
    ) -> Path:
        """Where that picture is, or will be."""
        one = self.store.shot(shot)
        drawn = self.store.drawing(shot) if track else None
        firsts = [self.store.first_frame(shot, name).sha256 for name in (one.first_frame, *one.further) if name]
        asked = {"number": number, "track": track, "options": dict(options or {}), "drawn": drawn, "firsts": firsts}
        footage, span = self.store.footage(one.footage).sha256, [one.start, one.end]
        return self._cached_file("motion", {"footage": footage, "span": span, "size": self.size(one), **asked}, ".png")

    def proxy(self, shot: str, take: str | None = None, on_progress: Tell = silent) -> Path:
        """The footage of a shot as a small video, made once: a frame for every frame, at a take's preview's size and rate.

        Args:
            take: the one to lie beside: its frames' range and size, which the shot may have left since.
        """
        path = self.proxy_file(shot, take)
        if path.exists():
            return path
        (start, end), size = self._beside(shot, take)
        footage = self.store.footage(self.store.shot(shot).footage)
        frames = told(read_footage(self.store, footage, size)(start, end), end - start, on_progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_preview(path, frames, Fraction(footage.rate)).path

    def proxy_file(self, shot: str, take: str | None = None) -> Path:
        """Where that video is, or will be."""
        span, size = self._beside(shot, take)
        footage = self.store.footage(self.store.shot(shot).footage)
        return self._cached_file("proxies", {"footage": footage.sha256, "span": span, "size": size}, ".mp4")

    def _beside(self, shot: str, take: str | None) -> tuple[tuple[int, int], tuple[int, int]]:
        """[start, end) in footage frames and (width, height) of a take's preview; of the next one's, where none is named."""
        if take:
            made = self.store.take(shot, take)
            begin, end = made.of_shot
            return (begin, end), made.size
        one = self.store.shot(shot)
        return (one.start, one.end), self.size(one)

    def _cached_file(self, kind: str, identity: dict[str, object], suffix: str) -> Path:
        return self.store.cache(kind) / f"{fingerprint(identity)[:32]}{suffix}"


def check_frame(name: str, number: int | None, there: bool) -> None:
    if not there:
        raise UsageError(f"{name} has no frame {number}")
