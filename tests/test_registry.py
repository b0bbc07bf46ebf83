import pytest

from v2v_studio.errors import MissingError, UsageError
from v2v_studio.registry import Registry


def test_load_imports_the_class_behind_a_name():
    from fractions import Fraction

    assert Registry("number", {"fraction": "fractions:Fraction"}).load("fraction") is Fraction


def test_unknown_name_is_told_what_was_meant_and_what_there_is():
    with pytest.raises(UsageError, match=r"unknown number 'fracton'\. Did you mean 'fraction'\? Available: fraction"):
        Registry("number", {"fraction": "fractions:Fraction"}).load("fracton")


def test_absent_dependency_is_named():
    with pytest.raises(MissingError, match="needs the package 'no_such_package'"):
        Registry("number", {"far": "no_such_package:Far"}).load("far")


def test_names_import_nothing():
    assert Registry("number", {"far": "no_such_package:Far"}).names() == ["far"]
