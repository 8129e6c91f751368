"""Runs the function once on this machine: `python -m ingest EVENT.json`, in the folder `lambdas`.

The file holds an event as SQS sends it (tests/lambdas/events has one). RAW_BUCKET and RAW_DATABASE say where
rows go; endpoint, region and credentials are those of the environment, as in every AWS SDK.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

CONTRACTS_OF_THE_PROJECT = Path(__file__).parents[2] / "infra" / "sources"


@dataclass(frozen=True)
class LocalContext:
    """What the function's logger asks of Lambda's context."""

    function_name: str = "ingest"
    memory_limit_in_mb: int = 0
    invoked_function_arn: str = "local"
    aws_request_id: str = "local"


def main(arguments: list[str]) -> int:
    """Handle the event of a file; returns 1 if a message failed."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ.setdefault("CONTRACTS", str(CONTRACTS_OF_THE_PROJECT))
    from ingest.handler import handle

    answer = handle(json.loads(Path(arguments[0]).read_text(encoding="utf-8")), LocalContext())  # type: ignore[arg-type]  # all of the context that is used
    print(json.dumps(answer))
    return 1 if answer["batchItemFailures"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
