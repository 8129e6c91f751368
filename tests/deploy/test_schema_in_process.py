"""Checking inputs leaves the provider's SDK usable for programs in the same process."""

from __future__ import annotations

import subprocess
import sys


def test_the_sdks_packages_are_whole_after_a_check():
    # In a process of its own: which packages this one has loaded is other tests' doing.
    script = (
        "from millpond.deploy.providers.aws.schema import mistakes\n"
        "assert mistakes('aws:s3/bucket:Bucket', {}) == []\n"
        "import pulumi_aws as aws\n"
        "assert aws.s3.Bucket.__name__ == 'Bucket'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
