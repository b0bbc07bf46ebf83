"""The annotators without weights on drawn and real frames; the others with weights of noise, loaded as real ones are."""

import sys
import warnings
from functools import partial
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.media.frames import to_uint8
from v2v_studio.models.manifest import manifest
from v2v_studio.translators import annotators
from v2v_studio.translators.annotators import ANNOTATORS, annotate

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch")

WITHOUT_WEIGHTS = ["canny", "shuffle", "lineart-standard"]
UNAVAILABLE = ["mediapipe-face", "dwpose"]
SIZES = [(239, 427), (427, 240), (64, 64), (50, 33)]  # (H, W)


def square(height, width):
    """A white square on black, a quarter of the frame's sides in from its left upper corner."""
    frame = np.zeros((3, height, width), np.float32)
    frame[:, height // 4 : height // 2, width // 4 : width // 2] = 1
    return frame


def test_every_detector_of_the_package_is_accounted_for():
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own
        import controlnet_aux
    classes = {name for name, thing in vars(controlnet_aux).items() if isinstance(thing, type)}
    assert {annotator.detector for annotator in ANNOTATORS.values()} == classes
    assert len(classes) == len(ANNOTATORS) == 18


def test_each_is_without_weights_or_in_the_manifest_with_just_its_files():
    assert [
        name for name, annotator in ANNOTATORS.items() if annotator.weights is None
    ] == WITHOUT_WEIGHTS + UNAVAILABLE
    for annotator in ANNOTATORS.values():
        if annotator.weights:
            assert set(manifest()[annotator.weights].files) == set(annotator.files.values()), annotator.name


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
@pytest.mark.parametrize("size", SIZES)
def test_the_frames_size_is_kept_exactly_and_the_frame_is_not_changed(name, size):
    frame = square(*size)
    drawn = annotate(name, frame)
    assert drawn.shape == frame.shape
    assert drawn.dtype == np.float32
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert np.array_equal(frame, square(*size))


@pytest.mark.parametrize("size", SIZES[:2])
def test_edges_lie_where_they_are_in_the_frame(size):
    height, width = size
    there = annotate("canny", square(*size))[0] > 0.5
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    assert np.abs(rows[[0, -1]] - (height // 4, height // 2)).max() <= 1  # an edge is drawn on one of its two sides
    assert np.abs(columns[[0, -1]] - (width // 4, width // 2)).max() <= 1


def test_edges_of_a_real_frame_are_cannys_own(shared):
    frame = cv2.VideoCapture(str(shared / "footage" / "bear_walk.mp4")).read()[1][:239, :427, ::-1].copy()
    drawn = annotate("canny", (frame.transpose(2, 0, 1) / np.float32(255)))[0] > 0.5
    same = drawn == (cv2.Canny(frame, 100, 200) > 0)
    assert same[4:-4, 4:-4].mean() > 0.999  # an edge that runs out of the frame may go on in the mirrored margin


@pytest.mark.parametrize("clip", ["bear_walk", "rabbit_orbit"])
@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_a_real_frame_gives_a_picture_with_something_in_it(shared, clip, name):
    frame = cv2.VideoCapture(str(shared / "footage" / f"{clip}.mp4")).read()[1][..., ::-1].transpose(2, 0, 1)
    assert annotate(name, frame / np.float32(255)).std() > 0.02


def test_a_shuffle_is_decided_by_its_seed_alone():
    frame = np.random.default_rng(0).random((3, 70, 90), dtype=np.float32)
    first = annotate("shuffle", frame, seed=5)
    np.random.random(3)  # noqa: NPY002  the generator that the detector draws from
    assert annotate("shuffle", frame, seed=5).tobytes() == first.tobytes()
    assert annotate("shuffle", frame, seed=6).tobytes() != first.tobytes()


def test_numpys_common_generator_is_left_as_it_was():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    annotate("shuffle", square(64, 64), seed=5)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_one_that_needs_packages_which_are_not_taken_is_refused_with_the_reason(name):
    with pytest.raises(MissingError, match=rf"'{name}' cannot be used: .*package.*; use one of canny, "):
        annotate(name, square(64, 64))


def test_an_unknown_name_is_refused_with_what_was_meant():
    with pytest.raises(UsageError, match="Did you mean 'canny'"):
        annotate("cany", square(64, 64))


def test_weights_that_are_not_here_are_refused_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("V2V_MODELS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(MissingError, match="v2v models fetch annotator-teed"):
        annotate("teed", square(64, 64))


def test_a_folder_without_its_file_is_refused_with_the_command(tmp_path):
    with pytest.raises(
        MissingError, match=r"has no 5_model.pth, which annotator 'teed' loads; .* fetch annotator-teed"
    ):
        annotate("teed", square(64, 64), tmp_path)


def test_a_file_that_is_no_weights_of_its_own_is_refused_in_one_sentence(tmp_path):
    torch.save({"w": torch.zeros(1)}, tmp_path / "5_model.pth")
    with pytest.raises(MissingError, match="does not hold the weights of annotator 'teed'") as refused:
        annotate("teed", square(64, 64), tmp_path)
    assert "\n" not in str(refused.value)


def noise(make, rename=lambda name: name):
    """A state dict of noise for the network that `make` builds, small on disk: its tensors are pieces of one."""
    with torch.device("meta"):
        network = make()
    pool = torch.randn(3_000_000, generator=torch.Generator().manual_seed(0)) * 0.03

    def filled(name, like):
        if not like.is_floating_point():
            return torch.zeros(like.shape, dtype=like.dtype)
        if name.endswith("running_var"):
            return torch.ones(like.shape)
        if like.numel() <= len(pool):
            return pool[: like.numel()].view(like.shape)
        return pool[: like[0].numel()].view(like.shape[1:]).expand(like.shape)

    return {rename(name): filled(name, like) for name, like in network.state_dict().items()}


def teed():
    from controlnet_aux.teed.ted import TED

    return {"5_model.pth": noise(TED)}


def anyline():
    return {"Anyline/MTEED.pth": teed()["5_model.pth"]}


def hed():
    from controlnet_aux.hed import ControlNetHED_Apache2

    return {"ControlNetHED.pth": noise(ControlNetHED_Apache2)}


def pidi():
    from controlnet_aux.pidi.model import pidinet

    return {"table5_pidinet.pth": {"state_dict": noise(pidinet, lambda name: f"module.{name}")}}


def lineart():
    from controlnet_aux.lineart import Generator

    return dict.fromkeys(("sk_model.pth", "sk_model2.pth"), noise(partial(Generator, 3, 1, 3)))


def lineart_anime():
    from controlnet_aux.lineart_anime import UnetGenerator

    norm = partial(torch.nn.InstanceNorm2d, affine=False, track_running_stats=False)
    return {"netG.pth": noise(partial(UnetGenerator, 3, 1, 8, 64, norm_layer=norm, use_dropout=False))}


def mlsd():
    from controlnet_aux.mlsd.models.mbv2_mlsd_large import MobileV2_MLSD_Large

    return {"mlsd_large_512_fp32.pth": noise(MobileV2_MLSD_Large)}


def openpose():
    from controlnet_aux.open_pose.face import FaceNet
    from controlnet_aux.open_pose.model import bodypose_model, handpose_model

    def inner(name):  # the files name layers without the block they are in
        return name.split(".", 1)[1]

    return {
        "body_pose_model.pth": noise(bodypose_model, inner),
        "hand_pose_model.pth": noise(handpose_model, inner),
        "facenet.pth": noise(FaceNet),
    }


def midas():
    from controlnet_aux.midas.midas.dpt_depth import DPTDepthModel

    network = partial(DPTDepthModel, path=None, backbone="vitb_rn50_384", non_negative=True)
    return {"dpt_hybrid-midas-501f0c75.pt": noise(network)}


def normalbae():
    from controlnet_aux.normalbae.nets.NNET import NNET

    made = SimpleNamespace(mode="client", architecture="BN", pretrained="", sampling_ratio=0.4, importance_ratio=0.7)
    return {"scannet.pt": {"model": noise(partial(NNET, made))}}


def leres():
    from controlnet_aux.leres.leres.multi_depth_model_woauxi import RelDepthModel
    from controlnet_aux.leres.pix2pix.models.networks import define_G

    return {
        "res101.pth": {"depth_model": noise(partial(RelDepthModel, backbone="resnext101"))},
        "latest_net_G.pth": noise(partial(define_G, 2, 1, 64, "unet_1024", "none", gpu_ids=[])),
    }


def zoe():
    from controlnet_aux.zoe import ZoeDepth, get_config

    return {"ZoeD_M12_N.pt": {"model": noise(partial(ZoeDepth.build_from_config, get_config("zoedepth", "infer")))}}


def sam():
    from controlnet_aux.segment_anything.build_sam import build_sam_vit_t

    return {"mobile_sam.pt": build_sam_vit_t().state_dict()}


QUICK = [teed, anyline, hed, pidi, lineart, lineart_anime, mlsd]
SLOW = [openpose, midas, normalbae, leres]
LONG = [zoe]


@pytest.fixture
def weights(tmp_path):
    """weights(maker): a folder with the files it makes."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

    def save(make):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's own
            files = make()
        for name, held in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            torch.save(held, tmp_path / name)
        return tmp_path

    return save


def test_every_detector_with_weights_has_some_made_here():
    made = {make.__name__.replace("_", "-") for make in (*QUICK, *SLOW, *LONG, sam)}
    assert made == {name for name, annotator in ANNOTATORS.items() if annotator.weights}


@pytest.mark.parametrize(
    "make",
    [
        *QUICK,
        *(pytest.param(make, marks=pytest.mark.slow) for make in SLOW),
        *(pytest.param(make, marks=pytest.mark.long) for make in LONG),
    ],
)
def test_weights_in_a_folder_are_loaded_and_a_picture_of_the_frames_size_is_drawn(make, weights, monkeypatch, capsys):
    """In silence, and under a command line that some detectors would read."""
    folder = weights(make)
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["v2v", "--help", "--model", "sd15"])
    drawn = annotate(make.__name__.replace("_", "-"), square(61, 107), folder)
    assert drawn.shape == (3, 61, 107)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert sys.argv[1:] == ["--help", "--model", "sd15"]
    assert capsys.readouterr().out == ""


def test_the_same_frame_and_weights_give_the_same_bytes(weights):
    folder = weights(hed)
    assert annotate("hed", square(61, 107), folder).tobytes() == annotate("hed", square(61, 107), folder).tobytes()


def test_networks_see_frames_reduced_to_what_they_learnt_on(monkeypatch):
    """A frame of 1200x600 is seen at 512 lines, and the picture comes back at 1200x600."""
    seen = []

    def ask(detector, picture, side):
        seen.append((picture.shape, side))
        return picture

    monkeypatch.setattr(annotators, "_load", lambda *_: None)
    monkeypatch.setitem(annotators.ANNOTATORS, "hed", annotators.Annotator("hed", "HEDdetector", ask=ask))
    ramp = np.broadcast_to(np.linspace(0, 1, 1200, dtype=np.float32), (3, 600, 1200))
    drawn = annotate("hed", ramp)
    assert seen == [((512, 1024, 3), 512)]
    assert np.abs(drawn - ramp).max() < 2 / 255  # 8 bits, and the frame's ends, where a ramp resized bends


def test_no_network_is_left_in_training(weights):
    """TEED's own class leaves it so, and LeReS's, which then normalises by the batch."""
    detector = annotators._load(ANNOTATORS["teed"], weights(teed))
    assert not any(layer.training for layer in detector.model.modules())


class OneBody:
    """Finds one body that stands straight in a picture of 128x128."""

    def __call__(self, picture):
        return None, None

    def format_body_result(self, candidate, subset):
        from controlnet_aux.open_pose.body import BodyResult, Keypoint

        head, arms = [(64, 20), (64, 40)], [(50, 40), (45, 60), (40, 80), (78, 40), (83, 60), (88, 80)]
        legs = [(58, 80), (58, 100), (58, 120), (70, 80), (70, 100), (70, 120)]
        eyes_and_ears = [(61, 17), (67, 17), (57, 19), (71, 19)]
        return [BodyResult([Keypoint(x, y) for x, y in head + arms + legs + eyes_and_ears], 18, 18)]


@pytest.mark.long
def test_hands_and_a_face_are_looked_for_where_a_body_is_found(weights):
    detector = annotators._load(ANNOTATORS["openpose"], weights(openpose))
    detector.body_estimation = OneBody()
    found, detect = [], detector.detect_poses
    detector.detect_poses = lambda *given, **asked: found.append(detect(*given, **asked)) or found[-1]
    drawn = annotators._pose(detector, np.zeros((128, 128, 3), np.uint8), 128)
    ((pose,),) = found
    assert [len(pose.left_hand), len(pose.right_hand)] == [21, 21]
    assert pose.face
    assert drawn[38:42, 52:76].any()  # from shoulder to shoulder


def test_a_hand_is_drawn_as_five_fingers_from_the_wrist():
    """The wrist below, fingertips in a row above; the little finger was not found."""
    canvas = np.zeros((100, 100, 3), np.uint8)
    wrist = SimpleNamespace(x=0.5, y=0.9)
    fingers = [SimpleNamespace(x=0.2 + 0.15 * f, y=0.7 - 0.15 * j) for f in range(4) for j in range(4)]
    annotators._draw_hand(canvas, [wrist, *fingers, *[SimpleNamespace(x=-0.01, y=-0.01)] * 4])
    assert all((canvas[25, round(20 + 15 * f)] == (0, 0, 255)).all() for f in range(4))  # fingertips
    assert np.abs(canvas[32, 20] - np.array((255, 0.9 * 255, 0))).max() < 1  # the thumb's last bone: hue 3/20
    assert not canvas[:65, 72:].any()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:'mode' parameter:DeprecationWarning")  # in the package, of pillow
def test_sams_segments_are_drawn_where_torchvisions_own_nms_is_missing(weights):
    """Asked at four points, and every answer taken: the suppression of doubles is what is tried."""
    detector = annotators._load(ANNOTATORS["sam"], weights(sam))
    generator = detector.mask_generator
    generator.point_grids = [np.array([[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])]
    generator.pred_iou_thresh = generator.stability_score_thresh = -np.inf
    picture = to_uint8(np.ascontiguousarray(square(64, 128).transpose(1, 2, 0)))
    assert annotators._segments(detector, picture, 64).shape == (64, 128, 3)


def test_a_frame_in_which_sam_finds_nothing_is_black():
    detector = SimpleNamespace(mask_generator=SimpleNamespace(generate=lambda picture: []))
    assert not annotators._segments(detector, np.ones((64, 64, 3), np.uint8), 64).any()
