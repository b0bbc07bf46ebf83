"""RAFT's path from a file of weights to a flow, on a network that was never trained: what it finds is noise, but its own."""

import sys

import numpy as np
import pytest

from v2v_studio.errors import MissingError
from v2v_studio.flow.raft import Raft, untrained

pytest.importorskip("torch")
pytest.importorskip("safetensors")


@pytest.fixture(scope="module")
def raft(raft_weights):
    return Raft(raft_weights)


def test_it_is_torchvisions_network_on_the_same_pictures(raft, raft_weights, texture):
    """Size 128x136 needs no padding, so the network may be called directly."""
    import torch
    from torchvision.models.optical_flow import raft_small

    first, second = texture(128, 136, 1), texture(128, 136, 2)
    found = raft.between(first, second)
    network = raft_small(weights=None).eval()
    network.load_state_dict(torch.load(raft_weights, weights_only=True))
    with torch.inference_mode():
        batch = [torch.from_numpy(picture * 2 - 1)[None] for picture in (first, second)]
        expected = network(*batch)[-1][0].numpy().transpose(1, 2, 0)
    assert np.allclose(found, expected, atol=1e-3)  # threads split sums differently


def test_each_direction_is_asked_for_and_none_is_negated(raft, texture):
    frames = np.stack([texture(72, 96, 1), texture(72, 96, 2)])
    forward, backward = (raft.flow(frames, direction).displacement[1] for direction in ("forward", "backward"))
    assert np.array_equal(forward.transpose(1, 2, 0), raft.between(frames[0], frames[1]))
    assert np.array_equal(backward.transpose(1, 2, 0), raft.between(frames[1], frames[0]))
    assert not np.allclose(forward, -backward)


def test_any_size_is_taken_and_kept(raft, texture):
    assert raft.between(texture(131, 150), texture(131, 150, 1)).shape == (131, 150, 2)


def test_safetensors_and_pickle_give_the_same_bytes(raft, raft_weights, texture, tmp_path):
    import torch
    from safetensors.torch import save_file

    save_file(torch.load(raft_weights, weights_only=True), tmp_path / "raft_small.safetensors")
    first, second = texture(72, 96, 1), texture(72, 96, 2)
    found = Raft(tmp_path / "raft_small.safetensors").between(first, second)
    assert found.tobytes() == raft.between(first, second).tobytes()


@pytest.mark.parametrize("name", ["raft_small.pth", "raft_small.safetensors"])
def test_a_file_that_is_no_weights_is_refused_in_one_sentence(name, tmp_path, texture):
    (tmp_path / name).write_bytes(b"not weights at all")
    with pytest.raises(MissingError, match=f"{name} does not hold raft_small's weights"):
        Raft(tmp_path / name).between(texture(72, 96), texture(72, 96))


def test_weights_of_another_network_are_refused(tmp_path, texture):
    import torch

    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "raft_small.pth")
    with pytest.raises(MissingError, match="does not hold raft_small's weights"):
        Raft(tmp_path / "raft_small.pth").between(texture(72, 96), texture(72, 96))


def test_a_pickle_that_runs_code_is_refused_and_its_code_does_not_run(tmp_path, texture):
    import pickle

    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "raft_small.pth").write_bytes(pickle.dumps(Trap(), protocol=2))
    with pytest.raises(MissingError):
        Raft(tmp_path / "raft_small.pth").between(texture(72, 96), texture(72, 96))
    assert not (tmp_path / "sprung").exists()


def test_without_torchvision_it_says_so_and_what_to_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.models.optical_flow", None)  # as if it were not installed
    with pytest.raises(MissingError, match="torchvision, which is not installed; use flow 'dis'"):
        untrained()
