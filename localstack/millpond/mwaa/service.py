"""The environments of one account and region."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import moto.backend_index
from moto.core.base_backend import BackendDict, BaseBackend

from millpond.mwaa.environment import Definition, Environment, changed, check, completed
from millpond.mwaa.exceptions import ConstraintsViolated, EnvironmentNotFound, InvalidRequest
from millpond.request_constraints import violations
from millpond.s3 import ObjectStorage

_PAGE: Final = 25
_NAME: Final = "mwaa"


class AirflowService(BaseBackend):
    """Amazon MWAA without the Airflow: environments are kept, and are available at once."""

    storage: ObjectStorage
    alone: bool
    """Whether this cloud keeps the whole account, S3 included; if not, some of it cannot be looked up."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._environments: dict[str, Environment] = {}

    @property
    def _url_module(self) -> Any:
        from millpond.mwaa import urls

        return urls

    def create_environment(self, name: str, given: Definition, tags: Mapping[str, str]) -> Environment:
        """Keep a new environment.

        Raises:
            InvalidRequest: There is one already, or the definition does not fit AWS's rules or the account.
        """
        _require_fitting("CreateEnvironment", {"Name": name, **given})
        if name in self._environments:
            raise InvalidRequest(f"Environment {name} already exists.")
        definition = completed(given)
        self._check(definition)
        arn = f"arn:{self.partition}:airflow:{self.region_name}:{self.account_id}:environment/{name}"
        now = time.time()
        environment = Environment(name, arn, definition, now, now, dict(tags))
        self._environments[name] = environment
        return environment

    def update_environment(self, name: str, given: Definition) -> Environment:
        """Change an environment; nothing is changed when something does not fit.

        Raises:
            EnvironmentNotFound: There is none.
            InvalidRequest: The changed definition does not fit AWS's rules or the account.
        """
        _require_fitting("UpdateEnvironment", {"Name": name, **given})
        was = self.environment(name)
        definition = changed(was.definition, given)
        self._check(definition)
        self._environments[name] = replace(was, definition=definition, updated_at=time.time())
        return self._environments[name]

    def environment(self, name: str) -> Environment:
        """An environment by its name.

        Raises:
            EnvironmentNotFound: There is none.
        """
        if name not in self._environments:
            raise EnvironmentNotFound(name)
        return self._environments[name]

    def delete_environment(self, name: str) -> None:
        """Forget an environment.

        Raises:
            EnvironmentNotFound: There is none.
        """
        self.environment(name)
        del self._environments[name]

    def list_environments(self, after: str, limit: int | None) -> tuple[list[str], str | None]:
        """The names that follow another, a page of them, and what to go on after."""
        names = [name for name in sorted(self._environments) if name > after]
        page = names[: min(limit or _PAGE, _PAGE)]
        return page, page[-1] if len(page) < len(names) else None

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an environment.

        Raises:
            EnvironmentNotFound: There is none.
        """
        return self._by_arn(arn).tags

    def tag(self, arn: str, tags: Mapping[str, str], removed: Iterable[str] = ()) -> None:
        """Set tags and take some away.

        Raises:
            EnvironmentNotFound: There is none.
        """
        environment = self._by_arn(arn)
        kept = {key: value for key, value in environment.tags.items() if key not in set(removed)}
        self._environments[environment.name] = replace(environment, tags={**kept, **tags})

    def _by_arn(self, arn: str) -> Environment:
        for environment in self._environments.values():
            if environment.arn == arn:
                return environment
        raise EnvironmentNotFound(arn)

    def _check(self, definition: Definition) -> None:
        # EC2 and KMS take long to import, and most clouds have no environment.
        from millpond.mwaa.surroundings import BucketFiles, OwnAccount

        check(definition)
        BucketFiles(self.storage).check(definition)
        if self.alone:
            OwnAccount(self.account_id, self.region_name).check(definition)


def _require_fitting(operation: str, request: Mapping[str, Any]) -> None:
    if broken := violations(_NAME, operation, request):
        raise ConstraintsViolated(broken)


mwaa_backends = BackendDict(AirflowService, _NAME)


def install(storage: ObjectStorage, *, alone: bool) -> None:
    """Give moto this service, which it has not; before the first request.

    `alone` says that this cloud keeps the whole account. Where S3 is another's, so are IAM and EC2, and what
    an environment says of them is taken as given.
    """
    AirflowService.storage = storage
    AirflowService.alone = alone
    # moto finds a service as a module of its own, by the pattern of its host names.
    sys.modules[f"moto.{_NAME}"] = sys.modules[__name__]
    pattern = (_NAME, re.compile(r"https?://((api|env|ops)\.)?airflow\.(.+)\.amazonaws\.com"))
    known = moto.backend_index.backend_url_patterns
    known[:] = [entry for entry in known if entry[0] != _NAME] + [pattern]
