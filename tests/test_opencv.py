import pytest

from cvinspect.errors import CvinspectError, InstallationError
from cvinspect.opencv import explained


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libGL.so.1", "libgl1"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libxcb.so.1", "libxcb1"),
    ],
)
def test_a_missing_library_is_named_with_the_package_that_brings_it(library: str, package: str) -> None:
    error = explained(f"{library}: cannot open shared object file: No such file or directory")

    assert str(error) == (
        f"OpenCV needs the system library {library}, which is not installed: apt-get install {package}"
    )


def test_a_library_we_do_not_know_is_named_all_the_same() -> None:
    error = explained("libodd-3.so.12: cannot open shared object file: No such file or directory")

    assert "libodd-3.so.12" in str(error)


def test_a_missing_opencv_is_told_with_how_to_install_it() -> None:
    assert str(explained("No module named 'cv2'")) == "OpenCV is not installed: pip install opencv-python"


def test_any_other_failure_is_one_line_with_the_reason() -> None:
    assert str(explained("numpy.core.multiarray\n  failed to import")) == (
        "OpenCV does not load: numpy.core.multiarray failed to import"
    )


def test_it_ends_the_program_with_its_own_exit_code() -> None:
    assert issubclass(InstallationError, CvinspectError)
    assert InstallationError.exit_code == 7
