"""What the pipeline that deploys an environment may do: make, change and remove what the program declares.

It may make roles, but only below the environment's boundary; and it may change neither the boundary nor its
own rights. So nobody who can merge a change can gain more than the boundary gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from infra.naming import Naming
from infra.policies.deployment.compute import compute_statements
from infra.policies.deployment.data import data_statements
from infra.policies.deployment.identity import identity_statements
from infra.policies.deployment.observability import observability_statements
from infra.policies.deployment.orchestration import orchestration_statements
from infra.policies.deployment.storage import storage_statements
from infra.policies.document import Statement

__all__ = ["deployment_policies"]


def deployment_policies(
    naming: Naming,
    *,
    deployer: str,
    boundary: str,
    code_prefixes: Sequence[str],
    passed: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[Statement, ...]]:
    """The deployer's policies by the end of their names; one alone would be too long for IAM.

    Args:
        naming: What things are called.
        deployer: The deployer's own role.
        boundary: The name of the boundary.
        code_prefixes: Where in artifacts lies what is deployed: the jobs' scripts, Airflow's files.
        passed: The roles that it hands to each service.
    """
    return {
        "storage": storage_statements(naming, code_prefixes),
        "data": data_statements(naming),
        "compute": compute_statements(naming),
        "observability": observability_statements(naming),
        "orchestration": orchestration_statements(naming),
        "identity": identity_statements(naming, deployer, boundary, passed),
    }
