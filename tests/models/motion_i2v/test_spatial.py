"""Other looks in stage 2: a base in each of the layouts that people have, and LoRAs."""

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from tests.models.motion_i2v.toy_release import ldm  # noqa: E402
from v2v_studio.errors import MissingError, UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.config import TOY  # noqa: E402
from v2v_studio.models.motion_i2v.spatial import restyle  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402

pytestmark = pytest.mark.slow

QUERY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"


@pytest.fixture(scope="module")
def base():
    """The spatial weights of another network."""
    torch.manual_seed(1)
    return {name: tensor for name, tensor in VideoUNet(**TOY).state_dict().items() if "motion_modules" not in name}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return VideoUNet(**TOY)


def weights(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def folder_of_a_unet(base, path):
    (path / "model").mkdir()
    save_file(base, path / "model" / "diffusion_pytorch_model.safetensors")
    return path / "model"


def folder_of_a_pipeline(base, path):
    (path / "model" / "unet").mkdir(parents=True)
    torch.save(base, path / "model" / "unet" / "diffusion_pytorch_model.bin")
    return path / "model"


def file_of_a_unet(base, path):
    torch.save({f"module.{name}": tensor for name, tensor in base.items()}, path / "model.ckpt")
    return path / "model.ckpt"


def single_file(base, path):
    save_file(ldm(base, {}), path / "model.safetensors")
    return path / "model.safetensors"


@pytest.mark.parametrize("layout", [folder_of_a_unet, folder_of_a_pipeline, file_of_a_unet, single_file])
def test_a_base_replaces_what_is_spatial_and_leaves_the_motion(network, base, tmp_path, layout):
    before = weights(network)
    restyle(network, layout(base, tmp_path))
    assert all(torch.equal(tensor, base.get(name, before[name])) for name, tensor in weights(network).items())


def test_a_base_that_lacks_a_weight_is_refused_by_its_name(network, base, tmp_path):
    file = file_of_a_unet({name: tensor for name, tensor in base.items() if name != "conv_in.bias"}, tmp_path)
    with pytest.raises(MissingError, match=r"model\.ckpt does not fit .*1 missing: conv_in\.bias"):
        restyle(network, file)


def test_a_folder_without_a_unet_is_refused(network, tmp_path):
    with pytest.raises(MissingError, match="holds no UNet"):
        restyle(network, tmp_path)


def lora(path, name, up, down, alpha):
    """A LoRA of one layer, as trainers call its weights."""
    held = {"lora_up.weight": up, "lora_down.weight": down, "alpha": torch.tensor(float(alpha))}
    save_file({f"{name}.{key}": tensor for key, tensor in held.items()}, path)
    return path


def test_a_lora_adds_its_product_by_strength_and_alpha_over_rank(network, tmp_path):
    up, down = torch.randn(32, 4), torch.randn(4, 32)
    file = lora(tmp_path / "ink.safetensors", "lora_unet_" + QUERY.replace(".", "_"), up, down, alpha=2)
    before = weights(network)
    restyle(network, loras=[(file, 0.8)])
    after = weights(network)
    torch.testing.assert_close(after[f"{QUERY}.weight"], before[f"{QUERY}.weight"] + 0.8 * 2 / 4 * up @ down)
    assert [name for name in after if not torch.equal(after[name], before[name])] == [f"{QUERY}.weight"]


def test_two_loras_add_up(network, tmp_path):
    up, down = torch.randn(32, 4), torch.randn(4, 32)
    file = lora(tmp_path / "ink.safetensors", "lora_unet_" + QUERY.replace(".", "_"), up, down, alpha=4)
    before = weights(network)
    restyle(network, loras=[(file, 0.5), (file, 0.25)])
    torch.testing.assert_close(weights(network)[f"{QUERY}.weight"], before[f"{QUERY}.weight"] + 0.75 * up @ down)


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("lora_unet_" + QUERY.replace(".", "_"), 48),
        ("lora_unet_" + QUERY.replace("down_blocks.0", "down_blocks.7").replace(".", "_"), 32),
        ("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 32),
    ],
    ids=["another width", "no such layer", "text alone"],
)
def test_a_lora_of_another_family_is_refused(network, tmp_path, name, width):
    file = lora(tmp_path / "ink.safetensors", name, torch.randn(width, 4), torch.randn(4, width), alpha=4)
    with pytest.raises(UsageError, match=r"ink\.safetensors .*SD1\.5 family"):
        restyle(network, loras=[(file, 1.0)])


def test_the_networks_own_type_is_kept(network, base, tmp_path):
    restyle(network.bfloat16(), folder_of_a_unet(base, tmp_path))
    assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.bfloat16}
