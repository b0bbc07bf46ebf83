"""The import table: every module imports its own layer's package or a lower layer, never a higher one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LAYERS = [
    {"errors"},
    {"types", "registry", "fingerprint", "params", "parts", "memory"},
    {"warping", "media", "project", "executors", "sheets"},
    {"models"},
    {"flow", "shots"},
    {"translators", "motion", "renderers", "metrics"},
    {"tracks", "training", "timeline"},
    {"studio", "propagate", "choices"},
    {"ui"},
    {"cli", "benchmarks"},
    {"__main__"},
]
HEIGHT = {room: height for height, layer in enumerate(LAYERS) for room in layer}
NO_TORCH = {"project", "registry", "cli", "media", "shots", "tracks", "executors", "timeline", "ui"}
PAGES_SEE = {"studio", "errors", "params", "choices", "ui"}  # and the registries, for their names
REGISTRIES = {"DETECTORS", "MOTION", "RENDERERS", "TRACKS", "TRANSLATORS"}
PAGE = 80  # lines, about


def modules() -> list[Path]:
    return sorted(p for folder in ("v2v_studio", "ui", "benchmarks") for p in (ROOT / folder).rglob("*.py"))


def room_of(parts: tuple[str, ...]) -> str | None:
    """The room a dotted name belongs to: `v2v_studio.media.reader` -> media; None for anything that is not ours."""
    if parts[0] in ("ui", "benchmarks"):
        return parts[0]
    if parts[0] != "v2v_studio":
        return None
    return parts[1] if len(parts) > 1 else None


def imports(path: Path) -> set[tuple[str, ...]]:
    """Dotted names that a module imports anywhere, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the full name"
            base = tuple((node.module or "").split("."))
            found |= {(*base, alias.name) for alias in node.names} if len(base) == 1 else {base}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    here = room_of(path.relative_to(ROOT).with_suffix("").parts)
    if here in (None, "__init__", "demo"):
        return
    for name in imports(path):
        there = room_of(name)
        if there in HEIGHT and there != here:
            assert HEIGHT[there] < HEIGHT[here], f"{here} may not import {there} ({'.'.join(name)})"


def test_every_room_has_a_height():
    rooms = {room_of(p.relative_to(ROOT).with_suffix("").parts) for p in modules()} - {None, "__init__"}
    assert rooms <= set(HEIGHT)


@pytest.mark.parametrize("room", sorted(NO_TORCH))
def test_room_does_not_import_torch(room):
    own = [p for p in modules() if room_of(p.relative_to(ROOT).with_suffix("").parts) == room]
    assert not [p for p in own for name in imports(p) if name[0] in ("torch", "torchvision", "diffusers")]


def test_only_media_decodes_and_encodes():
    for path in modules():
        if room_of(path.relative_to(ROOT).with_suffix("").parts) != "media":
            assert not [name for name in imports(path) if name[0] in ("av", "imageio", "imageio_ffmpeg")], path


def ours(path: Path) -> set[tuple[str, str]]:
    """(room, name) of everything of ours that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (room := room_of(tuple((node.module or "").split(".")))):
            found |= {(room, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "v2v_studio":
            found |= {(alias.name, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            rooms = (room_of(tuple(alias.name.split("."))) for alias in node.names)
            found |= {(room, "") for room in rooms if room}
    return found


UI = [path for path in modules() if room_of(path.relative_to(ROOT).parts) == "ui"]


@pytest.mark.parametrize("path", UI, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_ui_sees_the_service_and_names_only(path):
    assert not [(room, name) for room, name in ours(path) if room not in PAGES_SEE and name not in REGISTRIES]


@pytest.mark.parametrize("path", [p for p in UI if p.parent.name == "pages"], ids=lambda p: p.stem)
def test_a_page_is_short(path):
    assert len(path.read_text().splitlines()) <= 1.25 * PAGE
