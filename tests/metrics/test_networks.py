"""Metrics by networks: on toys and on untrained networks that are saved and loaded as released ones are."""

import numpy as np
import pytest

from tests.toys import _vocabulary
from v2v_studio.errors import MissingError, UsageError
from v2v_studio.flow.dis import Dis
from v2v_studio.media.frames import write_png
from v2v_studio.metrics import clip, embedding, fvd, inception, lpips
from v2v_studio.metrics.clip import ClipFrames, ClipPrompt, ClipSim, image_similarity
from v2v_studio.metrics.first_frame import DINO, DINO_SMALL, FirstFrameClip, FirstFrameDino, I2vSubject
from v2v_studio.metrics.frechet import frechet_distance, moments
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.metrics.vbench import BackgroundConsistency, DynamicDegree, SubjectConsistency
from v2v_studio.models import load
from v2v_studio.studio.evaluate import evaluate

pytestmark = pytest.mark.slow

SIDE = 64


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    """The folder that weights are looked for in; networks of other tests are forgotten."""
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for cached in (embedding._clip, embedding._dino, lpips._networks, inception._network, fvd._network):
        cached.cache_clear()
    return tmp_path


@pytest.fixture
def torch():
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import torch

    torch.manual_seed(0)
    return torch


@pytest.fixture
def frames():
    """Noise that goes over into stripes, four frames (3, SIDE, SIDE)."""
    noise, stripes = np.random.default_rng(0).random((3, SIDE, SIDE), np.float32), np.zeros((3, SIDE, SIDE), np.float32)
    stripes[:, :, ::8] = 1
    return [noise + np.float32(part) * (stripes - noise) for part in (0, 0.3, 0.6, 1)]


@pytest.fixture
def toy_clip(models, torch):
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

    tokens = _vocabulary()
    layers = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": tokens["<|startoftext|>"], "eos_token_id": tokens["<|endoftext|>"]}
    text = {**layers, **ends, "vocab_size": len(tokens), "pad_token_id": tokens["<|endoftext|>"]}
    folder = models / embedding.CLIP
    model = CLIPModel(CLIPConfig(text_config=text, vision_config={**layers, "image_size": 32, "patch_size": 8}))
    model.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    CLIPTokenizer(vocab=tokens, merges=[], model_max_length=77).save_pretrained(folder)
    return model.eval()


@pytest.fixture
def toy_dino(models, torch):
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=32, patch_size=16
    )
    model = ViTModel(config, add_pooling_layer=False)
    for name in (DINO, DINO_SMALL):
        model.save_pretrained(models / name)
    return model.eval()


def measure(metric, frames, references=None, prompt=""):
    meter, pair = metric.open(Clip(len(frames), (SIDE, SIDE), prompt=prompt)), None
    for frame, reference in zip(frames, references or frames, strict=True):
        pair = Pair(frame, reference, pair, Dis())
        meter.add(pair)
    return meter.value()


def cosines(of, frames):
    """Every frame's unit vector, all against all."""
    seen = np.stack([of(frame) for frame in frames])
    return seen @ seen.T


def test_prompt_measures_are_transformers_own_logits(toy_clip, frames, torch):
    from transformers import CLIPImageProcessor, CLIPTokenizer

    folder = embedding.weights.locate(embedding.CLIP)
    processor, tokenizer = CLIPImageProcessor.from_pretrained(folder), CLIPTokenizer.from_pretrained(folder)
    pictures = [np.rint(frame * 255).astype(np.uint8).transpose(1, 2, 0) for frame in frames]
    with torch.inference_mode():
        asked = {**processor(images=pictures, return_tensors="pt"), **tokenizer(["a cat"], return_tensors="pt")}
        logits = toy_clip(**asked).logits_per_image[:, 0].numpy()
    assert measure(ClipPrompt(), frames, prompt="a cat") == pytest.approx(logits.mean(), abs=1e-4)
    scale = float(toy_clip.logit_scale.exp())
    assert measure(ClipSim(), frames, prompt="a cat") == pytest.approx(logits.mean() / scale, abs=1e-5)
    assert measure(ClipSim(), frames, prompt="a dog") != pytest.approx(logits.mean() / scale, abs=1e-5)


def test_a_folder_of_clips_is_evaluated_by_its_prompts(toy_clip, frames, tmp_path):
    for t, frame in enumerate(frames):
        (tmp_path / "made" / "walk").mkdir(parents=True, exist_ok=True)
        write_png(tmp_path / "made" / "walk" / f"{t}.png", frame)
    (tmp_path / "about.json").write_text('{"walk": {"prompt": "a cat"}}')
    asked = ["clip_sim", "clip_frames", "background_consistency"]
    found = evaluate(tmp_path / "made", None, asked, tmp_path / "out.json", tmp_path / "about.json")["mean"]
    kept = [np.rint(frame * 255).astype(np.float32) / 255 for frame in frames]
    assert found["clip_sim"] == pytest.approx(measure(ClipSim(), kept, prompt="a cat"), abs=1e-6)
    assert found["clip_frames"] == pytest.approx(measure(ClipFrames(), kept), abs=1e-6)


def test_a_prompt_longer_than_clip_reads_is_cut(toy_clip, frames):
    assert np.isfinite(measure(ClipSim(), frames, prompt="a cat " * 100))


def test_frame_consistency_is_the_mean_cosine_of_neighbours(toy_clip, frames):
    alike = cosines(embedding.clip_image, frames)
    assert measure(ClipFrames(), frames) == pytest.approx(np.diag(alike, 1).mean(), abs=1e-6)
    assert measure(ClipFrames(), [frames[0]] * 3) == pytest.approx(1, abs=1e-6)
    assert image_similarity(frames[0], frames[3]) == pytest.approx(alike[0, 3], abs=1e-6)


def test_first_frame_fidelity_is_the_mean_cosine_to_the_references_first_frame(toy_clip, toy_dino, frames):
    """The reference stays at the first frame; the clip leaves it."""
    for metric, see in (
        (FirstFrameClip(), embedding.clip_image),
        (FirstFrameDino(), lambda frame: embedding.dino_image(frame, DINO_SMALL)),
    ):
        expected = cosines(see, frames)[0].mean()
        assert measure(metric, frames, [frames[0]] * 4) == pytest.approx(expected, abs=1e-6)
        assert expected < 0.9999


def test_consistency_is_the_mean_of_likeness_to_the_first_and_to_the_frame_before(toy_clip, toy_dino, frames):
    for metric, see in (
        (BackgroundConsistency(), embedding.clip_image),
        (SubjectConsistency(), lambda frame: embedding.dino_image(frame, DINO)),
    ):
        alike = np.maximum(cosines(see, frames), 0)
        expected = np.mean([(alike[0, t] + alike[t - 1, t]) / 2 for t in range(1, 4)])
        assert measure(metric, frames) == pytest.approx(expected, abs=1e-6)


def test_i2v_subject_weighs_the_best_and_the_mean_as_vbench_does(toy_dino, frames):
    alike = np.maximum(cosines(lambda frame: embedding.dino_image(frame, DINO), frames), 0)
    expected = 0.5 * alike[1:, 0].max() + 0.5 * np.mean([alike[1, 2], alike[2, 3]])
    assert measure(I2vSubject(), frames[1:], [frames[0]] * 3) == pytest.approx(expected, abs=1e-6)


def test_dino_sees_the_whole_of_a_wide_frame(toy_dino, torch):
    wide = np.random.default_rng(1).random((3, 48, 96), np.float32)
    seen = embedding._dino_sees(wide)
    assert seen.shape == (3, 224, 448)
    other = wide.copy()
    other[:, :, -8:] = 0
    assert float(embedding.dino_image(wide, DINO) @ embedding.dino_image(other, DINO)) < 1 - 1e-6


@pytest.fixture(scope="module")
def alexnet_once(tmp_path_factory):
    """AlexNet with weights drawn at random, which takes a while, and its file."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import torch
    from torchvision.models import alexnet

    torch.manual_seed(0)
    network, file = alexnet(weights=None).eval(), tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    torch.save(network.state_dict(), file)
    return network, file


@pytest.fixture
def alexnet(models, alexnet_once):
    network, file = alexnet_once
    (models / "alexnet.pth").symlink_to(file)
    return network


def test_lpips_is_torchmetrics_on_the_same_network(alexnet, frames, torch):
    from torchmetrics.functional.image.lpips import _NoTrainLpips

    theirs = _NoTrainLpips(net="alex", pnet_rand=True)
    held = alexnet.features.state_dict()
    theirs.net.load_state_dict({name: held[name.partition(".")[2]] for name in theirs.net.state_dict()})
    with torch.inference_mode():
        one, other = (torch.from_numpy(frame)[None] for frame in (frames[0], frames[3]))
        expected = float(theirs(one, other, normalize=True))
    assert expected > 1e-3
    assert lpips.lpips(frames[0], frames[3]) == pytest.approx(expected, rel=1e-4)
    assert lpips.lpips(frames[0], frames[0]) == 0


def test_lpips_takes_frames_from_31_pixels_on(alexnet):
    least = np.zeros((3, 31, 31), np.float32)
    assert lpips.lpips(least, least) == 0
    with pytest.raises(UsageError, match="31x31 or more, and these are 40x30"):
        lpips.Lpips().open(Clip(2, (40, 30)))


def test_the_wrong_weights_are_refused_in_one_sentence(models, torch, frames):
    torch.save({"features.0.weight": torch.zeros(1)}, models / "alexnet.pth")
    with pytest.raises(MissingError, match=r"alexnet\.pth does not hold AlexNet's weights \(.+\); put torchvision's"):
        lpips.lpips(frames[0], frames[1])


def test_code_in_a_checkpoint_is_not_run(models, frames):
    import pickle

    class Trap:
        def __reduce__(self):
            return (open, (str(models / "sprung"), "w"))

    (models / "i3d.pt").write_bytes(pickle.dumps(Trap(), protocol=2))
    with pytest.raises(MissingError, match="does not hold I3D's weights"):
        fvd.logits(np.zeros((3, 16, 224, 224), np.float32))
    assert not (models / "sprung").exists()


def test_a_program_in_place_of_weights_is_refused(models, torch):
    torch.jit.script(torch.nn.Linear(2, 2)).save(models / "i3d.pt")
    with pytest.raises(MissingError, match="TorchScript program"):
        fvd.logits(np.zeros((3, 16, 224, 224), np.float32))


def test_pickle_and_safetensors_hold_the_same(models, torch):
    from safetensors.torch import save_file

    held = {"weight": torch.randn(3, 2)}
    torch.save(held, models / "a.pth")
    save_file(held, models / "a.safetensors")
    for name in ("a.pth", "a.safetensors"):
        assert torch.equal(load.state(models / name)["weight"], held["weight"])


def test_i3d_is_as_large_as_its_release(torch):
    """12.70 million numbers in the 50,883,138 bytes that the release has, names and all."""
    from v2v_studio.models.i3d import I3d
    from v2v_studio.models.manifest import manifest

    held = I3d().state_dict()
    size = sum(tensor.numel() * tensor.element_size() for tensor in held.values())
    assert 0.99 < size / manifest()["i3d"].size < 1
    assert {"Conv3d_1a_7x7.conv3d.weight", "Mixed_3b.b1a.bn.running_mean", "Mixed_5c.b3b.conv3d.weight"} <= set(held)
    assert held["logits.conv3d.weight"].shape == (400, 1024, 1, 1, 1)


def test_i3d_pads_as_its_first_form_did(torch):
    """Size over stride, rounded up, the odd zero behind: written out for one line of numbers."""
    from v2v_studio.models.i3d import max_pool, same

    line = torch.arange(1.0, 7).reshape(1, 1, 1, 1, 6)
    assert same(line, (1, 1, 3), (1, 1, 2)).flatten().tolist() == [1, 2, 3, 4, 5, 6, 0]
    assert same(line, (1, 1, 7), (1, 1, 2)).flatten().tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0]
    assert max_pool(line, (1, 1, 3), (1, 1, 2)).flatten().tolist() == [3, 5, 6]


def test_fvd_takes_clips_of_nine_and_of_sixteen_frames(models, torch, monkeypatch):
    from v2v_studio.models.i3d import I3d

    torch.save(I3d().state_dict(), models / "i3d.pt")
    still = np.zeros((3, 9, 224, 224), np.float32)
    assert fvd.logits(still).shape == (400,)


@pytest.fixture
def untrained_inception(models, torch):
    from v2v_studio.models.inception import FidInception

    network = FidInception().eval()
    torch.save(network.state_dict(), models / f"{inception.INCEPTION}.pth")
    return network


def test_inception_has_the_tensors_of_torchvisions_with_1008_classes(untrained_inception):
    from torchvision.models import inception_v3

    theirs = inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False).state_dict()
    assert {k: v.shape for k, v in untrained_inception.state_dict().items()} == {k: v.shape for k, v in theirs.items()}


def test_inceptions_averages_leave_the_padding_out_and_the_last_block_takes_maxima(untrained_inception, torch):
    from v2v_studio.models import inception as network

    ones = torch.ones(1, 1, 4, 5)
    assert torch.equal(network._average(ones), ones)
    x = torch.randn(1, 2048, 4, 4)
    with torch.inference_mode():
        pooled = torch.nn.functional.max_pool2d(x, 3, 1, 1)
        last = untrained_inception.Mixed_7c
        assert torch.equal(last(x)[:, -192:], last.branch_pool(pooled))
        before = untrained_inception.Mixed_7b
        x = x[:, :1280]
        assert torch.equal(before(x)[:, -192:], before.branch_pool(network._average(x)))


def test_fid_and_score_are_torchmetrics_on_the_same_features(untrained_inception, frames, torch):
    """torchmetrics takes any network; it is given ours, at 64-bit precision as it advises."""
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.inception import InceptionScore

    class Taken(torch.nn.Module):
        num_features = 6

        def __init__(self, output):
            super().__init__()
            self.output = output

        def forward(self, pictures):
            return untrained_inception(pictures.float())[self.output][:, :6]

    seen = [inception.seen(frame) for frame in frames]
    one, other = (np.stack([features[:6] for features, _ in part]) for part in (seen[:2], seen[2:]))
    fid = FrechetInceptionDistance(feature=Taken(0), normalize=True).set_dtype(torch.float64)
    with torch.inference_mode():
        fid.update(torch.from_numpy(np.stack(frames[:2])), real=True)
        fid.update(torch.from_numpy(np.stack(frames[2:])), real=False)
        expected = float(fid.compute())
    assert frechet_distance(moments([one]), moments([other])) == pytest.approx(expected, rel=1e-3, abs=1e-9)
    score = InceptionScore(feature=Taken(1), splits=1, normalize=False)
    with torch.inference_mode():
        score.update(torch.from_numpy(np.stack(frames)))
        mean, _ = score.compute()
    logits = np.stack([logits[:6] for _, logits in seen])
    assert inception.inception_score([logits]) == pytest.approx(float(mean), rel=1e-4)


def test_dynamic_degree_asks_the_large_raft(models, torch, frames):
    from v2v_studio.flow.raft import untrained

    torch.save(untrained("large").state_dict(), models / "raft_large.pth")
    assert measure(DynamicDegree(), frames[:2]) in (0.0, 1.0)


def test_fidelity_is_torchmetrics(frames, torch):
    from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

    from v2v_studio.metrics.fidelity import mean_square, psnr, ssim

    one, other = (torch.from_numpy(frame)[None].double() for frame in (frames[0], frames[1]))
    _, everywhere = structural_similarity_index_measure(one, other, data_range=1.0, return_full_image=True)
    expected = float(everywhere[..., 5:-5, 5:-5].mean())  # theirs takes the mean over mirrored borders too
    assert ssim(frames[0], frames[1]) == pytest.approx(expected, abs=1e-5)
    expected = float(peak_signal_noise_ratio(one, other, data_range=1.0))
    assert psnr(mean_square(frames[0], frames[1])) == pytest.approx(expected, abs=1e-5)


def test_without_weights_likeness_is_not_known(frames):
    assert clip.image_similarity(frames[0], frames[1]) is None
