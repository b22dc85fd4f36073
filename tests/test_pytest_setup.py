from hypothesis import settings


def test_a_slow_example_fails_no_test() -> None:
    assert settings().deadline is None
    assert settings.get_profile("ci").deadline is None


def test_the_same_examples_are_tried_each_time_where_the_project_is_tested() -> None:
    assert settings.get_profile("ci").derandomize
