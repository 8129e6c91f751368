"""A key tells how often it is rotated."""

from __future__ import annotations

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError


@pytest.mark.parametrize(("given", "told"), [({}, 365), ({"RotationPeriodInDays": 120}, 120)])
def test_the_period_of_a_rotation_is_read_back(cloud, given, told):
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key, **given)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, told)
    kms.disable_key_rotation(KeyId=key)
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_a_period_out_of_bounds_is_refused(cloud):
    kms = cloud.session.client("kms", config=Config(parameter_validation=False))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError, match="between 90 and 2560"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=5)
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
