"""Keys: their own policies decide; of a key that is not there one is told so."""

from __future__ import annotations

import pytest

MISSING = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"


def test_a_key_that_is_not_there_is_not_found(cloud):
    kms = cloud.client("kms")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=MISSING)
