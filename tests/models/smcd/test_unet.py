"""The network beside the one written out, at widths, depths, frames and batches the golden files do not have."""

import pytest

torch = pytest.importorskip("torch")

from tests.models.smcd import slowly  # noqa: E402
from tests.models.smcd.toy_release import stir  # noqa: E402
from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models import layers  # noqa: E402
from v2v_studio.models.smcd import transformers  # noqa: E402
from v2v_studio.models.smcd.config import RELEASED, TOY, encoder_from_release, from_release  # noqa: E402
from v2v_studio.models.smcd.controlnet import ControlNet  # noqa: E402
from v2v_studio.models.smcd.gates import GATES  # noqa: E402
from v2v_studio.models.smcd.position_net import PositionNet  # noqa: E402
from v2v_studio.models.smcd.unet import UNet  # noqa: E402
from v2v_studio.models.smcd.visual_encoder import VisualEncoder  # noqa: E402

pytestmark = pytest.mark.slow

ROUNDING = {"atol": 1e-8, "rtol": 1e-8}  # float64: a norm's group of two values, deep down, widens float32's
BOX, IMAGE, TEXT = 40, 24, 48
SMALL = {
    **TOY,
    "cat_init": True,
    "use_gate_self_attn": "vanilla_cross_vision",
    "context_dim": TEXT,
    "grounding_dim": BOX,
    "v_dim": IMAGE,
}
KINDS = {  # what is unlike SMALL
    "released": {},
    "deep": {"dim_mult": [1, 2, 1, 2], "attn_scales": [1, 0.25], "num_res_blocks": 2, "head_dim": 8, "num_heads": 3},
    "wide": {"dim": 64, "dim_mult": [1, 1], "head_dim": 32, "attn_scales": [0.5]},
    "pictures": {"use_gate_self_attn": "vanilla", "cat_init": False, "use_image_dataset": True},
    "double": {"use_gate_self_attn": "double"},
    "merge": {"use_gate_self_attn": "merge"},
    "parallel": {"use_gate_self_attn": "vanilla_cross_vision_parallel"},
    "base": {"use_gate_self_attn": None, "cat_init": False},
}


def built(kind="released"):
    torch.manual_seed(0)
    net = UNet(**from_release({**SMALL, **KINDS[kind]})).eval()
    stir(net)
    return net.double()


def given(net, batch=2, frames=3, objects=2, size=(8, 16)):
    """A sample, its times, and what it is told: for every frame another image and other boxes."""
    draw = torch.Generator().manual_seed(1)

    def noise(*shape):
        return torch.randn(shape, generator=draw, dtype=torch.float64)

    sample = noise(batch, net.config["in_channels"], frames, *size)
    times = torch.tensor([901.0, 7.0, 350.0])[:batch]
    masks = (noise(batch * frames, objects) > 0).double()
    told = noise(batch, 5, TEXT), noise(batch * frames, objects, BOX), noise(batch * frames, 2, IMAGE), masks
    return sample, times, told


@torch.no_grad()
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_network_written_out(kind):
    net = built(kind)
    sample, times, told = given(net)
    if net.config["gate"] is None:
        told = told[:1]
    expected = slowly.Network(net.state_dict(), net.config, *told)(sample, times)
    torch.testing.assert_close(net(sample, times, net.kept(*told)), expected, **ROUNDING)


@torch.no_grad()
def test_without_boxes_no_gate_is_passed_and_no_image_seen():
    net = built()
    sample, times, (text, *_) = given(net)
    expected = slowly.Network(net.state_dict(), net.config, text)(sample, times)
    torch.testing.assert_close(net(sample, times, net.kept(text)), expected, **ROUNDING)


@torch.no_grad()
def test_an_image_for_a_whole_video_is_the_same_one_in_every_frame():
    for kind in ("released", "double", "merge", "parallel"):
        net = built(kind)
        sample, times, (text, boxes, image, masks) = given(net)
        shared = image[::3]
        once = net(sample, times, net.kept(text, boxes, shared, masks))
        each = net(sample, times, net.kept(text, boxes, shared.repeat_interleave(3, 0), masks))
        torch.testing.assert_close(once, each, **ROUNDING)


@pytest.mark.parametrize("kind", ["released", "double", "merge"])
def test_boxes_without_the_image_are_refused_by_a_gate_to_both(kind):
    net = built(kind)
    with pytest.raises(UsageError, match="image tokens"):
        net.kept(*given(net)[2][:2])


@torch.no_grad()
def test_tokens_of_boxes_belong_to_their_frame():
    net = built()
    sample, times, (text, boxes, image, _) = given(net)
    here = net(sample, times, net.kept(text, boxes, image))
    there = net(sample, times, net.kept(text, boxes.roll(1, 0), image))
    assert (here - there).abs().max() > 1e-3


@torch.no_grad()
@pytest.mark.parametrize("kind", ["released", "deep"])
def test_worked_on_in_parts_it_is_the_same(kind, monkeypatch):
    net = built(kind)
    sample, times, told = given(net)
    whole = net(sample, times, net.kept(*told))
    for module in (layers, transformers):
        monkeypatch.setattr(module, "CHUNK", 4096)
    torch.testing.assert_close(net(sample, times, net.kept(*told)), whole, **ROUNDING)


@torch.no_grad()
def test_entries_of_a_batch_do_not_touch_each_other():
    net = built()
    sample, times, (text, boxes, image, _) = given(net)
    both = net(sample, times, net.kept(text, boxes, image))
    second = net(sample[1:], times[1:], net.kept(text[1:], boxes[3:], image[3:]))
    torch.testing.assert_close(both[1:], second, **ROUNDING)


@torch.no_grad()
def test_objects_that_are_not_there_count_in_the_ablations_alone():
    for kind, counts in {"released": True, "double": False, "merge": False}.items():
        net = built(kind)
        sample, times, (text, boxes, image, _) = given(net)
        masks = torch.ones(boxes.shape[:2])
        masks[:, 1] = 0
        one = net(sample, times, net.kept(text, boxes, image, masks))
        boxes[:, 1] += 1
        other = net(sample, times, net.kept(text, boxes, image, masks))
        assert bool((one - other).abs().max() > 1e-4) == counts, kind


@torch.no_grad()
def test_dropout_is_at_work_in_training_alone():
    net = built()
    sample, times, told = given(net)
    kept = net.kept(*told)
    assert torch.equal(net(sample, times, kept), net(sample, times, kept))
    net.train()
    assert not torch.equal(net(sample, times, kept), net(sample, times, kept))


def test_checkpointing_keeps_the_gradients_and_what_dropout_drew():
    """Those to boxes and image too, whose keys are worked out before the pass."""
    net = built().train()
    sample, times, told = given(net, batch=1)
    results = []
    for kept in (False, True):
        net.enable_gradient_checkpointing() if kept else net.disable_gradient_checkpointing()
        net.zero_grad()
        torch.manual_seed(0)
        net(sample, times, net.kept(*told)).square().mean().backward()
        results.append({name: weight.grad for name, weight in net.named_parameters()})
    plain, again = results
    assert not [name for name, gradient in plain.items() if gradient is None]
    torch.testing.assert_close(again, plain, **ROUNDING)


@torch.no_grad()
def test_a_new_control_net_leaves_its_maps_at_nought_and_another_reaches_the_result():
    arch = {**SMALL, "use_control": True, "cat_init": False, "use_gate_self_attn": "vanilla"}
    torch.manual_seed(0)
    net, control = UNet(**from_release(arch)).double(), ControlNet(**encoder_from_release(arch)).double()
    stir(net.eval())
    sample, times, (text, boxes, *_) = given(net)
    hint = torch.randn(2, 4, 8, 16, dtype=torch.float64)
    maps = control(sample, times, control.kept(text), hint)
    assert len(maps) == len(net.input_blocks)
    assert not any(map_.any() for map_ in maps)
    without = net(sample, times, net.kept(text, boxes), maps)
    stir(control.eval())
    maps = control(sample, times, control.kept(text), hint)
    assert (net(sample, times, net.kept(text, boxes), maps) - without).abs().max() > 1e-3
    second = control(sample[1:], times[1:], control.kept(text[1:]), hint[1:])
    torch.testing.assert_close(second[0], maps[0][3:], **ROUNDING)


@torch.no_grad()
def test_what_is_saved_is_what_is_loaded(tmp_path):
    net = built()
    net.save_pretrained(tmp_path)
    loaded = UNet.from_pretrained(tmp_path, torch_dtype=torch.float64).eval()
    sample, times, told = given(net)
    assert torch.equal(loaded(sample, times, loaded.kept(*told)), net(sample, times, net.kept(*told)))


def count(network):
    return len(network.state_dict()), sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize(
    ("kind", "keys", "parameters"),
    [
        ("vanilla_cross_vision", 2024, 1_833_671_684),
        ("double", 2056, None),
        ("merge", 1784, None),
        ("vanilla_cross_vision_parallel", 2056, None),
    ],
)
def test_at_released_sizes_it_has_the_releases_weights(kind, keys, parameters):
    with torch.device("meta"):
        found = count(UNet(gate=kind))
    assert found[0] == keys
    assert parameters in (None, found[1])


def test_the_other_networks_have_the_releases_weights():
    with torch.device("meta"):
        base, stage1 = UNet(in_channels=4, gate=None), UNet(in_channels=4, gate="vanilla")
        others = ControlNet(), PositionNet(), VisualEncoder()
    assert count(base) == (1480, 1_411_233_860)
    assert count(stage1) == (1752, 1_622_447_012)
    assert [count(other) for other in others] == [(588, 455_128_576), (8, 1_346_624), (80, 202_936_064)]


def test_each_stage_of_training_trains_as_many_weights_as_the_releases():
    with torch.device("meta"):
        stage1, stage2, encoder = UNet(in_channels=4, gate="vanilla"), UNet(), VisualEncoder()
    of = [
        sum(net.get_parameter(name).numel() for name in net.trainable(stage))
        for net, stage in ((stage1, "stage1"), (stage2, "stage2"))
    ]
    assert of[0] == 211_213_152
    assert of[1] + count(encoder)[1] == 662_192_736


def test_a_control_net_trains_its_own_convolutions_alone():
    with torch.device("meta"):
        control = ControlNet(**encoder_from_release(RELEASED))
    names = control.trainable("control")
    assert len(names) == 2 * (12 + 1)
    assert not any(name.startswith("input_blocks") for name in names)


def test_every_gate_of_the_releases_scripts_is_there():
    assert set(GATES) == {"vanilla", "vanilla_cross_vision", "vanilla_cross_vision_parallel", "double", "merge"}
