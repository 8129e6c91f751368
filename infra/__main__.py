"""What `pulumi up` runs: reads the stack's settings, deploys the lakehouse, exports where things are."""

import sys
from pathlib import Path

# Pulumi runs this folder as a program and not as a package: let `infra` and `lake` be found by their names.
_PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_PROJECT), str(_PROJECT / "lambdas")]

import pulumi  # noqa: E402

from infra.lakehouse import deploy  # noqa: E402

for name, value in deploy().items():
    pulumi.export(name, value)
