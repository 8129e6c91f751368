"""The functions' folder on the path, as it is in their archive."""

from __future__ import annotations

import sys
from pathlib import Path

LAMBDAS = Path(__file__).parents[2] / "lambdas"
sys.path.insert(0, str(LAMBDAS))
