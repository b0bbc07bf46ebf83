import shutil

import cv2
import numpy as np
import pytest

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.studio import Studio
from v2v_studio.studio.ingest import checked_rate


def test_footage_is_referred_to_relatively(empty, film):
    (footage,) = empty.ingest([film])
    assert footage.path.startswith("../") and empty.store.media_path(footage).samefile(film)


def test_copied_footage_lies_in_the_project(empty, film):
    (footage,) = empty.ingest([film], copy=True)
    assert footage.path == "footage/a001.mp4" and footage.copied


def test_record_has_length_rate_and_size(empty, film):
    (footage,) = empty.ingest([film])
    assert (footage.frames, footage.rate, footage.width, footage.height) == (36, "24000/1001", 96, 64)


def test_same_file_twice_is_taken_once(empty, film):
    assert empty.ingest([film])[0].id == empty.ingest([film])[0].id
    assert len(empty.store.footages()) == 1


def test_footage_that_moved_is_found_again_and_stays_cut(empty, film, tmp_path):
    here = shutil.copy(film, tmp_path / "here.mp4")
    empty.ingest([here])
    empty.cut()
    there = shutil.move(here, tmp_path / "there.mp4")
    (footage,) = empty.ingest([there])
    assert footage.id == "a001" and footage.path.endswith("there.mp4") and footage.cut is not None


def test_folder_of_videos_is_every_video_in_it(empty, film, tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    shutil.copy(film, folder / "b.mp4")
    (folder / "notes.txt").write_text("x")
    assert [footage.path.rsplit("/", 1)[-1] for footage in empty.ingest([folder])] == ["b.mp4"]


def test_still_is_footage_of_one_frame(empty, tmp_path):
    cv2.imwrite(str(tmp_path / "still.png"), np.full((32, 48, 3), 90, np.uint8))
    (footage,) = empty.ingest([tmp_path / "still.png"])
    assert (footage.kind, footage.frames) == ("still", 1)


def test_missing_file_is_named(empty, tmp_path):
    with pytest.raises(MediaError, match=r"nothing\.mp4 does not exist"):
        empty.ingest([tmp_path / "nothing.mp4"])


def test_project_that_moved_with_its_footage_still_reads_it(film, tmp_path):
    (tmp_path / "one").mkdir()
    shutil.copy(film, tmp_path / "one" / "clip.mp4")
    Studio.create(tmp_path / "one" / "p").ingest([tmp_path / "one" / "clip.mp4"])
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert len(Studio(tmp_path / "two" / "p").cut()) == 3


def test_a_still_is_held_for_as_long_as_asked(empty, tmp_path):
    cv2.imwrite(str(tmp_path / "still.png"), np.full((32, 48, 3), 90, np.uint8))
    (footage,) = empty.ingest([tmp_path / "still.png"], rate="25", held=7)
    assert (footage.kind, footage.frames, footage.rate) == ("still", 7, "25")
    empty.cut()
    (shot,) = empty.store.shots()
    assert (shot.start, shot.end) == (0, 7)
    assert np.array_equal(empty.still(shot, 6), empty.still(shot, 0))


def test_a_still_is_taken_once_for_every_length(empty, tmp_path):
    cv2.imwrite(str(tmp_path / "still.png"), np.full((32, 48, 3), 90, np.uint8))
    taken = [empty.ingest([tmp_path / "still.png"], held=frames)[0].id for frames in (7, 9, 7)]
    assert taken == ["a001", "a002", "a001"]


def test_pictures_take_the_rate_of_the_project(film, tmp_path):
    studio = Studio.create(tmp_path / "myfilm")
    studio.store.change_project(lambda project: project.changed(rate="30000/1001"))
    cv2.imwrite(str(tmp_path / "still.png"), np.full((32, 48, 3), 90, np.uint8))
    assert studio.ingest([tmp_path / "still.png"])[0].rate == "30000/1001"


def test_a_blank_is_one_shot_to_be_made_from_words(empty):
    footage = empty.ingest_blank((64, 48), 12)
    empty.cut()
    (shot,) = empty.store.shots()
    assert (footage.copied, footage.width, footage.height) == (True, 64, 48)
    assert (shot.start, shot.end, shot.usable) == (0, 12, 0)


def test_only_a_single_picture_is_held(empty, film):
    with pytest.raises(MediaError, match="has 36 frames of its own; hold a single picture, or leave out --frames"):
        empty.ingest([film], held=7)
    assert empty.store.footages() == []


def test_a_blank_too_large_is_refused_by_its_size(empty):
    with pytest.raises(MediaError, match="20000x20000; at most 64 megapixels"):
        empty.ingest_blank((20000, 20000), 1)


def test_a_blank_is_grey_for_as_long_as_asked(empty):
    footage = empty.ingest_blank((32, 48), 5)
    assert (footage.copied, footage.frames, footage.width, footage.height) == (True, 5, 32, 48)
    empty.cut()
    assert np.unique(empty.still(empty.store.shots()[0], 4)).round(2).tolist() == [0.5]


def test_pictures_slower_than_one_a_second_have_a_timecode(empty, tmp_path):
    cv2.imwrite(str(tmp_path / "still.png"), np.full((32, 48, 3), 90, np.uint8))
    empty.ingest([tmp_path / "still.png"], rate="1/3", held=4)
    empty.cut()
    empty.split("sh010", 1003)
    assert [row["timecode"] for row in empty.shot_rows()] == ["00:00:00:00", "00:00:02:00"]


@pytest.mark.parametrize(
    ("text", "rate"), [("25", "25"), ("24000/1001", "24000/1001"), ("12.5", "25/2"), ("1/100", "1/100"), (None, None)]
)
def test_a_rate_is_kept_as_a_fraction(text, rate):
    assert checked_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-1", "abc", "1e9", "25/0", "nan", "inf", "1/101", ""])
def test_what_is_no_rate_is_refused_with_how_to_write_one(text):
    with pytest.raises(UsageError, match="is not a rate from 1/100 to 1000; write it as 25 or 24000/1001"):
        checked_rate(text)
