"""What SMCD is told of a window, and what is made of its answer; a stand-in answers with the first frame, repeated."""

from types import SimpleNamespace

import numpy as np
import pytest

from v2v_studio.errors import RenderError, UsageError
from v2v_studio.renderers import smcd
from v2v_studio.types import Anchor, BoxSequence, Drawn, Window

H, W = 64, 96  # on a canvas of 64x128
PICTURE = np.random.default_rng(0).random((3, H, W)).astype(np.float32)


def sequence(*boxes, phrase="a ball", size=(H, W)):
    """Of one object; None where it is not there."""
    places = np.array([[box or (0, 0, 1, 1)] for box in boxes], np.float32)
    return BoxSequence(places, np.array([[box is not None] for box in boxes]), (phrase,), size)


@pytest.fixture
def opened(monkeypatch):
    """boxes, options -> the renderer opened on them, and what its model is told."""
    told = []

    class Model:
        def frames(self, image, prompt, negative_prompt, boxes, present, phrases, **given):
            told.append(SimpleNamespace(image=image, boxes=boxes, present=present, phrases=phrases, **given))
            latents = np.arange(len(boxes), dtype=np.float32).reshape(-1, 1, 1, 1) + np.zeros((1, 4, 8, 16), np.float32)
            return SimpleNamespace(frames=np.stack([image] * len(boxes)), latents=latents)

    monkeypatch.setattr(smcd, "loaded", lambda *parts: Model())
    monkeypatch.setattr(smcd, "converted", lambda name: name)

    def opened(drawn, **options):
        params = smcd.RenderParams.model_construct(**options)
        anchor = Anchor(PICTURE, PICTURE, Drawn(boxes=drawn))
        return smcd.SMCD().open(anchor, params, 7), told

    return opened


def window(start, count):
    return Window(start, np.stack([PICTURE] * count), PICTURE)


def test_a_picture_that_is_padded_comes_back_as_it_was(opened):
    drawn = sequence(*[(10, 10, 30, 30)] * 3)
    render, told = opened(drawn)
    frames = render.render(window(1, 2), drawn.part(1, 3), {}).frames
    assert told[0].image.shape == (3, 64, 128)
    assert np.array_equal(frames, np.stack([PICTURE] * 2))


def test_boxes_are_shares_of_the_canvas_and_end_where_the_picture_does(opened):
    drawn = sequence((32, 16, 64, 48), (80, -10, 120, 32))
    render, told = opened(drawn)
    render.render(window(1, 1), drawn.part(1, 2), {})
    assert told[0].boxes[:, 0].tolist() == [[0.25, 0.25, 0.5, 0.75], [0.625, 0, 0.75, 0.5]]


def test_free_slots_are_added_up_to_as_many_as_it_was_trained_on(opened):
    drawn = sequence(None, (32, 16, 64, 48))
    render, told = opened(drawn)
    render.render(window(1, 1), drawn.part(1, 2), {})
    assert told[0].boxes.shape == (2, 8, 4) and told[0].phrases == ["a ball"]
    assert told[0].present.tolist() == [[False] * 8, [True] + [False] * 7]


def test_a_later_window_goes_on_from_the_last_frame_of_the_one_before(opened):
    drawn = sequence(*[(x, 0, x + 16, 16) for x in range(0, 80, 8)])
    render, told = opened(drawn)
    carry = render.render(window(1, 7), drawn.part(1, 8), {}).carry
    render.render(window(8, 2), drawn.part(8, 10), carry)
    first, later = told
    assert (first.boxes[:, 0, 0] * 128).tolist() == list(range(0, 64, 8)) and not first.held
    assert (later.boxes[:, 0, 0] * 128).tolist() == [56, 64, 72]
    assert list(later.held) == [0] and (later.held[0] == 7).all()  # the latent of the eighth frame made
    assert first.seed != later.seed


def test_a_box_without_a_phrase_is_told_as_the_prompt(opened):
    drawn = sequence((0, 0, 9, 9), (0, 0, 9, 9), phrase=" ")
    render, told = opened(drawn, prompt="a red ball")
    render.render(window(1, 1), drawn.part(1, 2), {})
    assert told[0].phrases == ["a red ball"]
    with pytest.raises(UsageError, match="no phrase, and there is no prompt"):
        opened(drawn)


def test_boxes_of_another_size_are_refused(opened):
    drawn = sequence((0, 0, 9, 9), (0, 0, 9, 9))
    with pytest.raises(RenderError, match="boxes of frame 1 are of another size"):
        opened(drawn)[0].render(window(1, 1), sequence((0, 0, 9, 9), size=(H, W + 1)), {})
