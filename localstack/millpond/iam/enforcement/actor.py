"""Somebody on whose behalf a service works inside the process, without a request for each thing it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond import DEFAULT_REGION
from millpond.iam.enforcement.authorizer import Authorizer
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.request_context import service_context
from millpond.iam.evaluation import Principal


@dataclass(frozen=True)
class Actor:
    """A caller, or a service's own principal, and what decides for him.

    Attributes:
        principal: Who acts.
        authorizer: Decides.
        via: The service that acts for him (`aws:CalledVia`), as `athena.amazonaws.com`; empty for a service
            that acts for itself.
        account: The account in which he acts.
        region: The region in which he acts.
        context: More condition keys, such as `aws:SourceArn`.
    """

    principal: Principal
    authorizer: Authorizer
    via: str = ""
    account: str = "000000000000"
    region: str = DEFAULT_REGION
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, service: str, operation: str, **parameters: Any) -> None:
        """Decide as if he called the operation through the API.

        Args:
            service: The name that requests to the service are signed with.
            operation: As the service's API calls it.
            parameters: By the API's names.

        Raises:
            AccessDeniedError: He may not.
        """
        if not self.authorizer.enforced:
            return
        call = ServiceCall(
            service, operation, self.principal, parameters, region=self.region, account=self.account
        )
        self.authorizer.check_call(call, {**service_context(call, self.via), **self.context})
