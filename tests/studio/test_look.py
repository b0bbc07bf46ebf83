"""A look: what decides a first frame."""

from pydantic import BaseModel

from v2v_studio.fingerprint import fingerprint
from v2v_studio.studio.look import NETWORKS, Look


class Params(BaseModel):
    prompt: str = "a boat"


class Painter:
    """A translator that stands on weights."""

    def __init__(self, sha256):
        self.sha256 = sha256

    def translate(self, image, params, seed, on_step):
        return image

    def weights(self, params):
        return {"sd15": self.sha256}


def recipe(sha256):
    return Look("img2img", Painter(sha256), Params(), seed=1).recipe()


def test_other_weights_under_the_same_name_are_another_look():
    assert recipe("a" * 64)["weights"] == {"sd15": "a" * 64}
    assert fingerprint(recipe("a" * 64)) != fingerprint(recipe("b" * 64))


def test_what_ran_the_weights_is_part_of_the_look():
    assert set(NETWORKS) <= set(recipe("a" * 64)["versions"])
