"""Runs the measurements: `python -m tests.benchmarks [NAME …]`, each a process of its own; JSON lines on stdout."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KEPT_OUT = {"__main__"}


def names() -> list[str]:
    found = sorted(path.stem for path in HERE.glob("*.py"))
    return [name for name in found if name not in KEPT_OUT and not name.startswith(("test_", "_"))]


def main() -> int:
    failed = []
    for name in sys.argv[1:] or names():
        print(f"# {name}", file=sys.stderr, flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"# failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
