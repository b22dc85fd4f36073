"""Makes the README's picture of a report: `make demo`, then `python tools/report_picture.py`.

Needs a Chromium and a font with Chinese: `apt-get install chromium fonts-noto-cjk`. Shows the timeline and the first
incident of out/demo/report.html; look at the picture before it is committed, and move --top and --height where the
page has changed.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from cvinspect.opencv import cv2

ROOT = Path(__file__).parents[1]
MOST_BYTES = 250_000
"""A README is opened over slow connections too."""
QUALITY = 84
"""Of the JPEG: small letters stay readable."""
SETTLE_MS = 30_000
"""For the pictures of the page to be loaded."""


def main() -> None:
    """Write the picture; exit 1 where it is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, default=ROOT / "out/demo/report.html")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/report.jpg")
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--width", type=int, default=1100, help="of the page, in pixels")
    parser.add_argument("--top", type=int, default=885, help="where the picture begins, in pixels from the page's top")
    parser.add_argument("--height", type=int, default=830, help="of the picture, in pixels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "page.png"
        command = [
            *(options.browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *(f"--virtual-time-budget={SETTLE_MS}", f"--screenshot={shot}"),
            *(f"--window-size={options.width},{options.top + options.height}", options.report.resolve().as_uri()),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        page = cv2.imread(str(shot))
    if page is None:
        raise SystemExit(f"{options.browser} made no picture of {options.report}")
    cv2.imwrite(str(options.out), page[options.top :], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    size = options.out.stat().st_size
    print(f"{options.out}: {size} bytes")
    if size > MOST_BYTES:
        raise SystemExit(f"{options.out} is larger than {MOST_BYTES} bytes; show less of the page")


if __name__ == "__main__":
    main()
