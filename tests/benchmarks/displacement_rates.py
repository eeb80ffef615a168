"""How often the displacement test is wrong, on simulated fixes; prints a table and keeps nothing.

A fix errs by a plane normal error whose root mean square length is the stated accuracy (what receivers report), and
the legal point by one of 0.5 m; the marker has truly moved by the shift. Run: python tests/benchmarks/displacement_rates.py
"""

import sys

import numpy as np

from layers.markers.displacement import DisplacementPolicy, Verdict, judge
from layers.markers.model import FixSource

TRIALS = 20_000
SEED = 20260501
SIGMA_LEGAL_M = 0.5
SHIFTS_M = (0.0, 0.1, 1.0, 5.0, 20.0)
RECEIVERS = (
    ("phone", 5.0, FixSource.PHONE),
    ("external", 1.5, FixSource.EXTERNAL),
    ("RTK", 0.02, FixSource.SURVEY),
)
POLICY = DisplacementPolicy()


def rates(sigma_m, source, shift_m, *, per_axis=False, seed=SEED):
    """Return the share of each verdict; `per_axis` takes the accuracy for one axis, a harsher reading."""
    random = np.random.default_rng(seed)
    share = 1.0 if per_axis else np.sqrt(0.5)
    errors = random.normal(scale=sigma_m * share, size=(TRIALS, 2))
    errors += random.normal(scale=SIGMA_LEGAL_M * share, size=(TRIALS, 2))
    offsets = np.hypot(errors[:, 0] + shift_m, errors[:, 1])
    verdicts = [
        judge(offset, sigma_legal_m=SIGMA_LEGAL_M, sigma_observed_m=sigma_m, source=source, policy=POLICY)
        for offset in map(float, offsets)
    ]
    return {
        verdict: verdicts.count(verdict) / TRIALS for verdict in Verdict if verdict is not Verdict.UNTESTED
    }


def main(out=sys.stdout):
    """Print the rates: an alarm up to the tolerance is false, silence beyond it is a miss."""
    print(
        f"tolerance {POLICY.tolerance_m} m, k {POLICY.k}, legal ±{SIGMA_LEGAL_M} m, {TRIALS} fixes a cell",
        file=out,
    )
    print(
        "receiver   sigma m  shift m   agrees  re_measure  displaced  false alarm   missed  (per-axis)",
        file=out,
    )
    for name, sigma, source in RECEIVERS:
        for shift in SHIFTS_M:
            shown, harsh = rates(sigma, source, shift), rates(sigma, source, shift, per_axis=True)
            moved = shift > POLICY.tolerance_m
            error, harsh_error = (
                (r[Verdict.AGREES] if moved else 1 - r[Verdict.AGREES]) for r in (shown, harsh)
            )
            columns = f"{'':>11}  {error:7.2%}" if moved else f"{error:11.2%}  {'':>7}"
            print(
                f"{name:10} {sigma:7.2f}  {shift:7.1f}  {shown[Verdict.AGREES]:7.2%}  "
                f"{shown[Verdict.RE_MEASURE]:10.2%}  {shown[Verdict.DISPLACED]:9.2%}  {columns}  {harsh_error:9.2%}",
                file=out,
            )


if __name__ == "__main__":
    main()
