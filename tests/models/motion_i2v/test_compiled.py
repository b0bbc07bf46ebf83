"""A network with its blocks compiled gives what it gives without."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.motion_i2v import compiled  # noqa: E402
from v2v_studio.models.motion_i2v.config import TOY  # noqa: E402
from v2v_studio.models.motion_i2v.stage2 import VideoUNet  # noqa: E402

SMALL = {**TOY, "block_out_channels": (32,), "norm_num_groups": 8, "heads": 2}


def given(unet, frames):
    sample = torch.randn(1, 4, frames, 8, 8, generator=torch.Generator().manual_seed(1))
    text = torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(2))
    flow = torch.randn(1, frames, 2, 64, 64, generator=torch.Generator().manual_seed(3))
    return sample, 481, text, unet.splats(flow, (8, 8))


@pytest.mark.slow
@torch.inference_mode()
def test_compiled_blocks_give_the_same_noise_for_windows_of_any_length():
    torch.manual_seed(0)
    unet = VideoUNet(**SMALL).eval()
    first, shorter = given(unet, 4), given(unet, 3)
    plain = [unet(*first), unet(*shorter)]
    compiled.compile_blocks(unet)
    try:
        made, graphs = unet(*first), graphs_so_far()
        again = unet(*shorter)
        # float32 summed in another order, twenty layers deep; the noise is of the size of 1
        assert max((made - plain[0]).abs().max(), (again - plain[1]).abs().max()) < 1e-5
        assert graphs and graphs_so_far() == graphs  # a shorter window compiles nothing
    finally:
        torch._dynamo.reset()


def graphs_so_far():
    return torch._dynamo.utils.counters["stats"]["unique_graphs"]


def test_a_machine_without_a_compiler_is_told_so(monkeypatch):
    monkeypatch.setattr(compiled.shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match=r"compile needs a C\+\+ compiler such as g\+\+, which this machine has not"):
        compiled.compile_blocks(VideoUNet(**SMALL))
