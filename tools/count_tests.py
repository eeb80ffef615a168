"""Say how many tests of a run passed, failed and were skipped, and why; refuses a run without tests.

    python tools/count_tests.py build/tests.xml

Exit 1 where a test failed, 3 where there is no report or no test in it ran.
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET  # the file was written by our own pytest


def main(report: Path) -> int:
    """Print the count as the last line, the reasons of skipped tests before it."""
    if not report.exists():
        sys.stdout.write("0 passed, 0 failed\n")
        return 3
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 -- as above
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    reasons = Counter(skip.get("message", "") for case in cases if (skip := case.find("skipped")) is not None)
    for reason, times in reasons.most_common():
        sys.stdout.write(f"skipped {times} ×: {reason}\n")
    skipped = reasons.total()
    passed = len(cases) - failed - skipped
    sys.stdout.write(f"{passed} passed, {failed} failed, {skipped} skipped\n")
    if failed:
        return 1
    return 0 if passed else 3


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
