import pytest
from pydantic import BaseModel, Field

from v2v_studio.errors import UsageError
from v2v_studio.params import parse_assignments, parse_params


class Knobs(BaseModel):
    detail: float = Field(0.3, ge=0, le=1)
    soft: bool = False


def test_text_becomes_values_of_the_fields_types():
    assert parse_params(Knobs, parse_assignments(["detail=0.5", "soft=true"]), "oil") == Knobs(detail=0.5, soft=True)


def test_what_is_not_said_keeps_its_default():
    assert parse_params(Knobs, {}, "oil") == Knobs(detail=0.3, soft=False)


def test_value_out_of_bounds_is_named_with_its_bound():
    with pytest.raises(UsageError, match=r"option 'detail' of oil is '2': .*less than or equal to 1"):
        parse_params(Knobs, {"detail": "2"}, "oil")


def test_unknown_option_is_told_what_there_is():
    with pytest.raises(
        UsageError, match=r"unknown option of oil 'detial'\. Did you mean 'detail'\? Available: detail, soft"
    ):
        parse_params(Knobs, {"detial": "1"}, "oil")


def test_text_without_equals_sign_is_refused():
    with pytest.raises(UsageError, match="write it as key=value"):
        parse_assignments(["detail"])
