"""Guidance by the text and by the first frame, on numbers."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.consisti2v.guidance import Branch, branches, guided, rescaled  # noqa: E402

pytestmark = pytest.mark.slow

BLIND, PLAIN, FULL = Branch(False, False), Branch(False, True), Branch(True, True)


@pytest.mark.parametrize(
    ("text", "image", "rows"),
    [
        (1.0, 1.0, [FULL]),
        (0.0, 0.5, [FULL]),
        (7.5, 1.0, [PLAIN, FULL]),
        (7.5, 2.0, [BLIND, PLAIN, FULL]),
        (1.0, 2.0, [BLIND, PLAIN, FULL]),
    ],
)
def test_as_few_rows_as_tell_the_answer(text, image, rows):
    assert branches(text, image) == rows


def row(*values):
    return torch.tensor([values])


def test_without_guidance_the_prediction_is_taken_as_it_is():
    assert guided([row(1.0, 3.0)], 0.5, 1.0).tolist() == [[1.0, 3.0]]


def test_guidance_by_text_goes_beyond_the_prompt():
    assert guided([row(1.0), row(3.0)], 7.0, 1.0).tolist() == [[15.0]]


def test_guidance_by_both_adds_the_first_frames_own_part():
    """e(U, n) + 2 (e(U, z) - e(U, n)) + 7 (e(T, z) - e(U, z))."""
    assert guided([row(10.0), row(1.0), row(3.0)], 7.0, 2.0).tolist() == [[10 - 18 + 14.0]]


def test_an_image_scale_of_one_is_guidance_by_text():
    assert guided([row(10.0), row(1.0), row(3.0)], 7.0, 1.0).tolist() == guided([row(1.0), row(3.0)], 7.0, 1.0).tolist()


@pytest.mark.parametrize("rows", [2, 3])
def test_rescale_gives_back_the_deviation_of_the_full_row_with_image_guidance_too(rows):
    """The release fails here with image guidance."""
    predicted = list(torch.randn(rows, 1, 4, 3, 5, 6, generator=torch.Generator().manual_seed(0)))
    plain = guided(predicted, 7.0, 2.0)
    whole = guided(predicted, 7.0, 2.0, rescale=1.0)
    assert whole.std().item() == pytest.approx(predicted[-1].std().item(), rel=1e-5)
    torch.testing.assert_close(guided(predicted, 7.0, 2.0, rescale=0.25), 0.25 * whole + 0.75 * plain)


def test_rescale_is_of_each_entry_by_itself():
    loud = torch.stack([torch.tensor([-1.0, 1.0]), torch.tensor([-10.0, 10.0])])
    assert rescaled(loud, torch.stack([3 * loud[0], loud[1]]), 1.0).tolist() == [[-3, 3], [-10, 10]]
