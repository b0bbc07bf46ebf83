"""The demo: draw the footage (or take the clip given), restyle it, assemble it, and say where to look.

    python projects/demo/make.py [CLIP]

Run again, it does only what is missing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

LOOKS = (
    {"preset": "watercolor"},
    {"preset": "oil"},
    {"preset": "ink"},
    {"preset": "night"},
)


def main(clip: Path | None) -> None:
    from v2v_studio.media.frames import write_png
    from v2v_studio.studio import Studio

    began = time.monotonic()
    folder = HERE if clip is None else HERE.parent / clip.stem
    if clip is None:
        clip = HERE / "footage" / "demo.mp4"
        if not clip.exists():
            import draw

            print("drawing the footage ...", flush=True)
            clip.parent.mkdir(exist_ok=True)
            draw.write(clip)
    studio = Studio.open_or_create(folder, size=(960, 960))
    studio.ingest([clip])
    studio.cut()
    for shot, look in zip(studio.shots(), LOOKS * len(studio.shots()), strict=False):
        if shot.first_frame is None:
            print(f"{shot.id}: a first frame in {look['preset']}", flush=True)
            studio.stylize([shot.id], "filters", look)
    for row in studio.render(studio.plan()):
        print(f"{row['shot']}: take {row['take']} {row['what']} in {row['seconds']} s", flush=True)
    made = studio.assemble()
    strip = folder / "exports" / "strip.png"
    write_png(strip, studio.strip())
    print(f"\nmade in {time.monotonic() - began:.0f} s; look at")
    for path in [row["path"] for row in made["exports"]] + [str(strip)]:
        print(f"  {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None)
