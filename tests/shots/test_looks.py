import numpy as np

from v2v_studio.shots.looks import NEAR, Memory, look, small, unlike


def frames(count, seed=0):
    return np.random.default_rng(seed).random((count, 3, 18, 32), dtype=np.float32)


def test_small_is_bgr_bytes_of_at_most_256_pixels():
    red = np.zeros((3, 90, 512), np.float32)
    red[0] = 1
    assert small(red).shape == (45, 256, 3)
    assert np.array_equal(small(red)[0, 0], [0, 0, 255])


def test_small_measures_a_portrait_by_its_height():
    assert small(np.zeros((3, 512, 288), np.float32)).shape == (256, 144, 3)


def test_small_leaves_a_tiny_picture_as_it_is():
    assert small(np.zeros((3, 2, 5), np.float32)).shape == (2, 5, 3)


def test_memory_holds_the_distances_that_a_double_loop_gives():
    pictures = frames(9)
    memory = Memory(5)
    looks = [look(small(picture)) for picture in pictures]
    for one in looks:
        memory.push(one)
    for i in range(6):
        for k in range(6 - i):
            a, b = looks[8 - i].thumbnail, looks[8 - i - k].thumbnail
            assert np.isclose(memory.apart[i, k], np.mean((a - b) ** 2), atol=1e-6)


def test_memory_of_pictures_is_bounded_by_its_reach():
    memory = Memory(4)
    for picture in frames(30):
        memory.push(look(small(picture)))
    assert memory.thumbnails(4).shape == (5, 18, 32, 3)
    assert len(memory) == 30 and [memory.near(29, back) for back in range(5)] == list(memory.apart[0])


def test_distances_to_near_frames_are_kept_of_every_frame():
    memory, distances = Memory(9), []
    for picture in frames(30):
        memory.push(look(small(picture)))
        distances.append([float(distance) for distance in memory.apart[0, : NEAR + 1]])
    assert [[memory.near(frame, back) for back in range(NEAR + 1)] for frame in range(30)] == distances


def test_distances_to_frames_before_the_first_are_infinite():
    memory = Memory(6)
    memory.push(look(small(frames(1)[0])))
    assert memory.apart[0, 0] == 0 and np.all(np.isinf(memory.apart[0, 1:]))


def test_a_title_makes_a_picture_unlike_in_its_blocks_only():
    picture = frames(1)[0].transpose(1, 2, 0)
    titled = picture.copy()
    titled[:9, :16] = frames(1, seed=1)[0].transpose(1, 2, 0)[:9, :16]
    assert 0.25 <= unlike(picture, titled, same_light=True) <= 0.5  # 4 of 16 blocks, and those it cuts into


def test_brighter_light_is_another_picture_only_where_light_cannot_change():
    plain = np.full((18, 32, 3), 0.2, np.float32)
    assert unlike(plain, plain + 0.4, same_light=False) == 0
    assert unlike(plain, plain + 0.4, same_light=True) == 1
