"""The renderer that CONTRIBUTING grows is one that works."""

import re
import textwrap
from pathlib import Path

import numpy as np

from v2v_studio.types import Anchor, FlowField, Window

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text()


def test_the_renderer_of_the_guide_renders():
    code = textwrap.dedent(re.search(r" *```python\n(.*?)```", TEXT, re.S).group(1))
    room = {"__name__": "guide"}
    exec(code, room)
    renderer = room["Posterize"]()
    source, styled = np.random.default_rng(0).random((2, 3, 8, 12), np.float32)
    window = Window(1, np.stack([source] * 2), source)
    still = FlowField(np.zeros((2, 2, 8, 12), np.float32), "backward", np.ones((2, 1, 8, 12), np.float32))
    rendered = renderer.open(Anchor(source, styled), renderer.Params(levels=2), 0).render(window, still, {})
    assert np.array_equal(rendered.frames, np.stack([np.round(styled)] * 2))


def test_files_that_the_guide_names_exist():
    root = Path(__file__).resolve().parents[1]
    for name in re.findall(r"`((?:v2v_studio|docs|tests|benchmarks)/[\w/.]+\.(?:py|md))`", TEXT):
        assert (root / name).exists() or name.endswith("posterize.py"), name
