"""Checkpoints of a few numbers: what is written, and what is refused without a line of it being run."""

import hashlib
import json
import pickle
import struct
import warnings

import pytest

from v2v_studio.errors import MissingError, StudioError, UsageError
from v2v_studio.fingerprint import file_digest
from v2v_studio.models.convert import convert

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")

NETWORK = {"conv.weight": torch.arange(6.0).reshape(2, 3), "conv.bias": torch.tensor([1, 2], dtype=torch.bfloat16)}


class Trap:
    """Unpickled by a reader that runs code, it makes a file."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return open, (str(self.sprung), "w")


@pytest.fixture
def saved(tmp_path):
    """saved(object, **how torch saves it): the path of a checkpoint."""

    def save(held, **how):
        torch.save(held, tmp_path / "net.pth", **how)
        return tmp_path / "net.pth"

    return save


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out" / "net.safetensors"


def same(found, expected):
    assert found.keys() == expected.keys()
    assert all(
        found[name].dtype == tensor.dtype and torch.equal(found[name], tensor) for name, tensor in expected.items()
    )


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "legacy"])
def test_names_types_and_values_are_kept(saved, target, packed):
    done = convert(saved(NETWORK, _use_new_zipfile_serialization=packed), target)
    same(safetensors.load_file(target), NETWORK)
    assert (done.tensors, done.unwrapped, done.left_out) == (2, (), ())


@pytest.mark.parametrize("suffix", [".bin", ".ckpt", ".pt", ".pth"])
def test_every_pickled_suffix_is_taken(tmp_path, target, suffix):
    torch.save(NETWORK, tmp_path / f"net{suffix}")
    assert convert(tmp_path / f"net{suffix}", target).tensors == 2


def test_both_digests_are_returned_and_recorded(saved, target):
    source = saved(NETWORK)
    done = convert(source, target)
    assert (done.source_sha256, done.target_sha256) == (file_digest(source), file_digest(target))
    data = target.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    assert json.loads(data[8 : 8 + size])["__metadata__"] == {
        "format": "pt",
        "source_sha256": done.source_sha256,
        "tensors_sha256": hashlib.sha256(data[8 + size :]).hexdigest(),
    }


def test_the_same_source_gives_the_same_bytes(saved, tmp_path):
    source = saved(NETWORK)
    assert len({convert(source, tmp_path / f"{i}.safetensors").target_sha256 for i in range(8)}) == 1


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "params_ema", "depth_model"])
def test_a_wrapped_network_is_unwrapped_and_its_prefixes_stay(saved, target, wrapper):
    done = convert(saved({wrapper: {"module.conv.weight": torch.ones(2)}, "epoch": 3}), target)
    same(safetensors.load_file(target), {"module.conv.weight": torch.ones(2)})
    assert (done.unwrapped, done.left_out) == ((wrapper,), ("epoch",))


def test_the_network_is_told_from_the_optimizer(saved, target):
    held = {"optimizer": {"state": {0: {"mean": torch.zeros(1)}}}, "state_dict": {"model": NETWORK, "step": 7}}
    done = convert(saved(held), target)
    same(safetensors.load_file(target), NETWORK)
    assert (done.unwrapped, done.left_out) == (("state_dict", "model"), ("optimizer", "state_dict.step"))


def test_smoothed_weights_are_preferred_to_the_last_ones(saved, target):
    done = convert(saved({"params": {"w": torch.zeros(1)}, "params_ema": {"w": torch.ones(1)}}), target)
    same(safetensors.load_file(target), {"w": torch.ones(1)})
    assert done.left_out == ("params",)


def test_several_networks_are_not_guessed_between(saved, target):
    with pytest.raises(MissingError, match=r"several things \(net_g, net_d\).*save the one you want on its own"):
        convert(saved({"net_g": NETWORK, "net_d": NETWORK}), target)


def test_tensors_that_share_memory_or_are_transposed_become_their_own(saved, target):
    base = torch.arange(6.0).reshape(2, 3)
    network = {"base": base, "tied": base, "part": base[1:], "turned": base.T, "learnt": torch.nn.Parameter(base)}
    convert(saved(network), target)
    same(safetensors.load_file(target), network)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_bare_pickle_that_would_run_code_is_refused_and_nothing_runs(tmp_path, target, protocol):
    (tmp_path / "net.pth").write_bytes(pickle.dumps(Trap(tmp_path / "sprung"), protocol=protocol))
    with pytest.raises(MissingError, match="was not converted"):
        convert(tmp_path / "net.pth", target)
    assert not (tmp_path / "sprung").exists()
    assert not target.exists()


def test_a_checkpoint_with_code_beside_its_tensors_is_refused_by_the_codes_name(saved, tmp_path, target):
    with pytest.raises(
        MissingError, match=r"it asks for (io|_io)\.open, which is code and no tensor; nothing in it was run"
    ):
        convert(saved({**NETWORK, "trap": Trap(tmp_path / "sprung")}), target)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; fetch it again$"),
        (b"not weights at all", "is no checkpoint; fetch it again"),
        (b"<!DOCTYPE html>", "is no checkpoint; fetch it again"),
        (b"PK\x03\x04 and no more", "cut off: the end of its archive is missing"),
    ],
    ids=["empty", "text", "page", "archive"],
)
def test_what_is_no_checkpoint_is_refused_in_one_sentence(tmp_path, target, content, reason):
    (tmp_path / "net.pth").write_bytes(content)
    with pytest.raises(MissingError, match=reason) as refused:
        convert(tmp_path / "net.pth", target)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused_in_one_sentence(saved, target, packed, kept):
    path = saved({"w": torch.zeros(5000)}, _use_new_zipfile_serialization=packed)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(MissingError, match=r"end (of its archive )?is missing|torch's reader") as refused:
        convert(path, target)
    assert "\n" not in str(refused.value)


def test_a_program_is_refused(tmp_path, target):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # programs are on their way out
        torch.jit.save(torch.jit.trace(torch.nn.Identity(), torch.zeros(1)), str(tmp_path / "net.pt"))
    with pytest.raises(MissingError, match="TorchScript program and no list of tensors"):
        convert(tmp_path / "net.pt", target)


@pytest.mark.parametrize("held", [torch.zeros(2), [torch.zeros(2)], {}, {"epoch": 1}, {0: torch.zeros(1)}])
def test_what_holds_no_named_tensors_is_refused(saved, target, held):
    with pytest.raises(MissingError, match="holds no tensors with names"):
        convert(saved(held), target)


def test_a_sparse_tensor_is_refused(saved, target):
    with pytest.raises(MissingError, match="its tensor w is sparse or quantized"):
        convert(saved({"w": torch.eye(2).to_sparse()}), target)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("net.safetensors", "out.safetensors", "is safetensors already; use it as it is"),
        ("net.onnx", "out.safetensors", "no pickled checkpoint by its name"),
        ("none.pth", "out.safetensors", "there is no file"),
        ("net.pth", "out.pth", "must end in .safetensors"),
        ("net.pth", "net.safetensors", "exists already"),
    ],
)
def test_names_that_cannot_be_meant_are_refused(saved, tmp_path, source, target, reason):
    saved(NETWORK)
    (tmp_path / "net.safetensors").touch()
    with pytest.raises(UsageError, match=reason):
        convert(tmp_path / source, tmp_path / target)


def test_nothing_is_left_behind_by_a_write_that_fails(saved, target, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("v2v_studio.models.convert._seal", full)
    with pytest.raises(StudioError, match="No space left on device") as refused:
        convert(saved(NETWORK), target)
    assert refused.value.exit_code == 5
    assert list(target.parent.iterdir()) == []
