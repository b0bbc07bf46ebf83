"""Weights by name. The counts are those of the released files (section 8 of the fact sheet)."""

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from v2v_studio.errors import MissingError  # noqa: E402
from v2v_studio.models.checkpoint import fitted, read, renamed  # noqa: E402
from v2v_studio.models.motion_i2v.config import RELEASED  # noqa: E402
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet  # noqa: E402
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402
from v2v_studio.models.vae import autoencoder  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("make", "keys", "parameters"),
    [
        (lambda: MotionFieldUNet(**RELEASED), 1278, 1_314_792_324),
        (lambda: TrajectoryControlNet(**RELEASED), 584, 566_679_872),
        (lambda: VideoUNet(**RELEASED), 1274, 1_312_730_244),
        (lambda: autoencoder(2), 248, 83_651_558),
    ],
    ids=["stage 1", "ControlNet", "stage 2", "flow VAE"],
)
def test_a_released_network_has_as_many_weights_as_its_file(make, keys, parameters):
    with torch.device("meta"):
        network = make()
    assert len(network.state_dict()) == keys
    assert sum(weight.numel() for weight in network.parameters()) == parameters


def test_what_trainers_put_around_names_is_taken_off(tmp_path):
    torch.save({"state_dict": {"module.module.a.module.b": torch.ones(1)}, "step": 3}, tmp_path / "net.ckpt")
    assert list(read(tmp_path / "net.ckpt")) == ["a.module.b"]


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    torch.save({"a": print}, tmp_path / "net.bin")
    with pytest.raises(MissingError, match="nothing in it was run"):
        read(tmp_path / "net.bin")


def test_a_safetensors_file_that_is_cut_off_is_named(tmp_path):
    save_file({"a": torch.ones(100)}, tmp_path / "net.safetensors")
    (tmp_path / "net.safetensors").write_bytes((tmp_path / "net.safetensors").read_bytes()[:-9])
    with pytest.raises(MissingError, match=r"net\.safetensors is damaged"):
        read(tmp_path / "net.safetensors")


def test_old_names_of_attention_become_todays():
    one = torch.ones(1)
    old = [
        f"encoder.mid_block.attentions.0.{name}.bias" for name in ("query", "key", "value", "proj_attn", "group_norm")
    ]
    new = [f"encoder.mid_block.attentions.0.{name}.bias" for name in ("to_q", "to_k", "to_v", "to_out.0", "group_norm")]
    assert list(renamed(dict.fromkeys(old, one))) == new
    assert list(renamed(dict.fromkeys(new, one))) == new


def test_a_fitted_network_is_whole_and_in_full_precision():
    weights = {"net.weight": torch.ones(2, 3, dtype=torch.float16), "net.bias": torch.zeros(2)}
    network = fitted(lambda: torch.nn.Linear(3, 2), weights, "net.bin", prefix="net.")
    assert not network.training
    assert network(torch.ones(1, 3)).tolist() == [[3.0, 3.0]]
