"""SMCD's two stages: what their losses are of, what of it is trained, and the released code's own loss and gradients."""

import pytest

torch = pytest.importorskip("torch")

from benchmarks.golden import Golden  # noqa: E402
from benchmarks.parity_smcd import unet  # noqa: E402
from v2v_studio.training.smcd import noise_loss  # noqa: E402

pytestmark = pytest.mark.slow


def test_loss_and_gradients_are_the_releases(shared):
    golden = Golden(shared / "golden" / "smcd" / "unet_smcd.safetensors")
    net = unet(golden, {})
    told = (golden[f"in.{name}"] for name in ("x", "t", "target_noise", "y", "grounding_context", "visual_feat"))
    loss = noise_loss(net, *told)
    assert float(loss.detach()) == pytest.approx(float(golden["out.loss"]), rel=1e-5)
    loss.backward()
    selected = [name for name in golden.names if name.startswith("out.grad.")]
    assert selected
    for name in selected:
        theirs = golden[name]
        ours = net.get_parameter(name.removeprefix("out.grad.")).grad
        torch.testing.assert_close(ours, theirs, atol=1e-4 * float(theirs.abs().max()), rtol=0)
