"""The footage's own motion, window by window."""

import numpy as np
import pytest

from v2v_studio.errors import MissingError
from v2v_studio.fingerprint import file_digest
from v2v_studio.motion.base import MOTION
from v2v_studio.motion.estimate import Estimate
from v2v_studio.tracks.run import last
from v2v_studio.tracks.table import set_up
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, FlowField


@pytest.fixture
def footage():
    """(7, 3, 48, 64): smooth noise that moves 2 px to the left a frame."""
    rng = np.random.default_rng(3)
    coarse = rng.random((3, 13, 24), np.float32)
    big = np.stack([np.kron(plane, np.ones((4, 4), np.float32)) for plane in coarse])
    return np.stack([big[:, :48, 2 * t : 2 * t + 64] for t in range(7)])


def follow(footage, length, quality="draft", **options):
    source = Estimate()
    shot = source.open(Anchor(footage[0], footage[0]), source.Params(quality=quality, **options))
    fields, before = [], None
    for window in windows(footage[0], footage[1:], length):
        fields.append(shot.motion(window, before))
        before = last(fields[-1])
    return fields


def test_it_is_the_registered_source_of_flow():
    assert MOTION.load("estimate") is Estimate
    assert Estimate.gives == (FlowField,)


def test_one_entry_a_frame_backward_with_its_step(footage):
    (field,) = follow(footage, length=6)
    assert len(field) == 6 and field.direction == "backward"
    assert field.step.shape == field.displacement.shape
    assert abs(field.displacement[5, 0, 8:-8, 8:-20].mean() - 12) < 0.2  # six frames of 2 px; sub-pixel noise


@pytest.mark.parametrize("length", [1, 2, 4])
def test_windows_of_any_length_give_the_same_bytes(footage, length):
    (whole,) = follow(footage, length=6)
    parts = follow(footage, length)
    for name in ("displacement", "visible", "step"):
        assert np.concatenate([getattr(p, name) for p in parts]).tobytes() == getattr(whole, name).tobytes()


def test_quality_is_passed_on(footage):
    draft, final = (follow(footage, 6, quality)[0] for quality in ("draft", "final"))
    assert not np.array_equal(draft.displacement, final.displacement)


@pytest.fixture
def models(tmp_path, monkeypatch):
    """An empty folder that weights are looked for in."""
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def raft_weights(models):
    """RAFT's weights, drawn at random."""
    torch = pytest.importorskip("torch")
    from v2v_studio.flow.raft import untrained

    torch.save(untrained().state_dict(), models / "raft_small.pth")
    return models / "raft_small.pth"


def test_what_estimates_from_frame_to_frame_is_chosen(footage, raft_weights):
    """An untrained network finds noise, and what is followed from there is checked against the reference all the same."""
    dis, raft = (follow(footage[:3], 6, flow=flow)[0] for flow in ("dis", "raft"))
    assert np.abs(dis.step[:, 0, 8:-8, 8:-8] - 2).mean() < 0.2  # sub-pixel noise
    assert np.abs(raft.step[:, 0, 8:-8, 8:-8] - 2).mean() > 1


def test_estimator_and_digest_of_its_weights_are_in_the_recipe(raft_weights):
    motion = {flow: set_up("restyle", {"flow": flow}, 0).describe()["motion_params"] for flow in ("dis", "raft")}
    assert (motion["dis"]["flow"], motion["dis"]["flow_weights"]) == ("dis", None)
    assert (motion["raft"]["flow"], motion["raft"]["flow_weights"]) == ("raft", file_digest(raft_weights))


def test_without_weights_raft_is_refused_before_any_work(models):
    with pytest.raises(MissingError, match="raft_small"):
        set_up("restyle", {"flow": "raft"}, 0)


def test_other_weights_than_the_recipe_names_are_refused(raft_weights):
    with pytest.raises(MissingError, match="other weights"):
        set_up("restyle", {"flow": "raft", "flow_weights": "0" * 64}, 0)
