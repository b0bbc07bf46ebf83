import pytest

from v2v_studio.cli.takes import spans


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([1001], "1001"), ([1001, 1002], "1001-1002"), ([999, 1003, 1004, 1005, 1009], "999 1003-1005 1009")],
)
def test_neighbouring_frames_are_listed_as_a_span(numbers, text):
    assert spans(numbers) == text
