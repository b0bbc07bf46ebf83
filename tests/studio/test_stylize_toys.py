"""`stylize` with translators that have weights: toy checkpoints, loaded as real ones are."""

import numpy as np
import pytest

from tests.translators.conftest import toy  # noqa: F401
from v2v_studio.media.frames import read_png
from v2v_studio.studio.look import NETWORKS

pytestmark = pytest.mark.slow


@pytest.fixture
def cut(empty, film):
    empty.ingest([film])
    empty.cut()
    return empty


@pytest.fixture
def held(cut, toy):  # noqa: F811
    """A first frame of sh010 that was held to its edges."""
    options = {
        "model": str(toy("stable_diffusion")),
        "controls": f"canny={toy('controlnet')}:0.8",
        "prompt": "a watercolor",
        "steps": "2",
        "strength": "1",
    }
    (made,) = cut.stylize(["sh010"], "controlnet", options, seed=3)
    return made


def test_controls_are_kept_beside_the_first_frame_and_shown(cut, held, tmp_path):
    (control,) = cut.controls(held).values()
    assert read_png(control).shape == (3, held.size[1], held.size[0])
    cut.show_controls([held], tmp_path / "controls.png")
    cut.before_after([held], tmp_path / "look.png")
    shown, plain = (read_png(tmp_path / name) for name in ("controls.png", "look.png"))
    assert shown.shape[2] > 1.3 * plain.shape[2]


def test_its_record_names_weights_by_digest_and_what_ran_them(held):
    assert len(held.weights) >= 2 and set(NETWORKS) <= set(held.versions)


def test_a_look_carries_prompt_seed_and_controls(cut, held):
    (made,) = cut.stylize(["sh020"], like=f"sh010/{held.id}")
    assert (made.params, made.seed, made.weights) == (held.params, held.seed, held.weights)
    assert cut.controls(made).keys() == cut.controls(held).keys()


def test_replay_makes_it_again(cut, held):
    replayed = cut.replay(cut.store.first_frame_image(held))
    assert (replayed.agrees, replayed.made, replayed.notes) == (True, "first frame", ())


def test_replay_names_weights_that_are_others(cut, held, toy):  # noqa: F811
    import json

    from v2v_studio.media.frames import write_png
    from v2v_studio.media.recipes import read_recipe

    image = cut.store.first_frame_image(held)
    recipe = read_recipe(image)
    other = {**recipe, "weights": dict.fromkeys(recipe["weights"], "0" * 64)}
    write_png(image.with_name("copy.png"), read_png(image), {"v2v": json.dumps(other)})
    assert cut.replay(image.with_name("copy.png")).stage == "weights"


def test_replay_opens_no_weights_that_only_a_recipe_names(cut, held, tmp_path):
    import json

    from v2v_studio.media.frames import write_png
    from v2v_studio.media.recipes import read_recipe

    recipe = read_recipe(cut.store.first_frame_image(held))
    recipe["params"]["model"] = str(tmp_path / "someone_elses")
    write_png(tmp_path / "sent.png", np.zeros((3, 64, 96), np.float32), {"v2v": json.dumps(recipe)})
    found = cut.replay(tmp_path / "sent.png")
    assert not found.agrees and found.stage == "first frame"
