import numpy as np
import pytest

from v2v_studio.media.frames import write_png
from v2v_studio.studio.differ import Difference
from v2v_studio.studio.provenance import footage_of


@pytest.fixture
def held(empty, tmp_path):
    """One picture, held for 7 frames as a001 and for 9 as a002."""
    write_png(tmp_path / "still.png", np.zeros((3, 32, 48), np.float32))
    first, _ = (empty.ingest([tmp_path / "still.png"], held=frames)[0] for frames in (7, 9))
    return empty.store, first.sha256


def test_of_a_picture_held_twice_the_longer_is_taken(held):
    store, digest = held
    assert footage_of(store, digest, last=9).id == "a002"


def test_a_frame_beyond_the_longer_is_said_to_be_missing(held):
    store, digest = held
    with pytest.raises(Difference, match="it asks for frame 9 of a002, which has 9"):
        footage_of(store, digest, last=10)
