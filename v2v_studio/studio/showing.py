"""What may be seen from outside: the pictures and video of a project that a page may ask for by name."""

from __future__ import annotations

from pathlib import Path

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.project.records import Shot
from v2v_studio.studio.desk import Desk

SHOWN = (".gif", ".jpg", ".mp4", ".png", ".webp")


class Showing(Desk):
    """Files for pages."""

    def servable(self, name: str) -> Path:
        """The file of that name, relative to the project. UsageError where it may not be shown, or is not there."""
        path = (self.store.folder / name).resolve()
        inside = path.is_relative_to(self.store.folder) and not any(p.startswith(".") for p in Path(name).parts)
        if not inside or path.suffix.lower() not in SHOWN or not path.is_file():
            raise UsageError(f"there is no picture and no video '{name}' to show")
        return path

    def thumbnail(self, shot: Shot) -> Path:
        """A small picture of a shot's frame that is worth painting on, made once."""
        frame = shot.usable or shot.start
        path = self.store.folder / "cache" / "thumbnails" / f"{shot.footage}-{frame}.png"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_png(path, self.still(shot, frame))
        return path
