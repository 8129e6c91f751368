"""A crawler's definition, read and checked: what it crawls, how it groups, what it does about changes.

https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.glue.models import FakeCrawler

from millpond.glue.crawlers.exclusions import compile_pattern
from millpond.glue.crawlers.grouping import GroupingOptions
from millpond.glue.exceptions import InvalidInput, UnsupportedOperation
from millpond.s3 import S3Location
from millpond.s3.exceptions import InvalidLocation

_SUPPORTED_TARGETS: Final = ("S3Targets", "CatalogTargets")
_MOST_SAMPLES: Final = 249


@dataclass(frozen=True)
class S3Target:
    """A folder or a file to crawl.

    Attributes:
        location: Where it is; a folder's key has a slash at its end.
        exclusions: What part of a key after the location's excludes an object.
        exclude_patterns: The same as the crawler has it.
        sample_size: How many files of a folder are looked at; None for all.
    """

    location: S3Location
    exclusions: tuple[re.Pattern[str], ...] = ()
    exclude_patterns: tuple[str, ...] = ()
    sample_size: int | None = None

    def includes(self, key: str) -> bool:
        """Whether an object of the location is to be crawled."""
        relative = key[len(self.location.key) :]
        return not any(pattern.fullmatch(relative) for pattern in self.exclusions)


@dataclass(frozen=True)
class CatalogTarget:
    """Tables that exist already.

    Attributes:
        database: Their database.
        tables: Their names.
    """

    database: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class CrawlerSettings:
    """What a crawl goes by.

    Attributes:
        name: The crawler's.
        role: Its role, by ARN or by name.
        database: Where its tables come; empty with catalog targets.
        table_prefix: What their names begin with.
        s3_targets: What it crawls, or
        catalog_targets: the tables whose files it crawls.
        grouping: Which files make one table.
        update: `UPDATE_IN_DATABASE`, or `LOG`.
        delete: `DELETE_FROM_DATABASE`, `DEPRECATE_IN_DATABASE`, or `LOG`.
        new_folders_only: Whether folders of earlier crawls are left alone.
        merge_new_columns: Whether columns that are there stay as they are.
        inherit_from_table: Whether partitions have the table's columns and formats.
        most_tables: The crawl fails if it finds more.
        configuration_text: The definition's `Configuration`, for the log.
    """

    name: str
    role: str
    database: str
    table_prefix: str
    s3_targets: tuple[S3Target, ...]
    catalog_targets: tuple[CatalogTarget, ...]
    grouping: GroupingOptions
    update: str
    delete: str
    new_folders_only: bool
    merge_new_columns: bool
    inherit_from_table: bool
    most_tables: int | None
    configuration_text: str

    @property
    def schema_change_policy(self) -> str:
        """The policy as the log shows it."""
        policy = {"UpdateBehavior": self.update, "DeleteBehavior": self.delete}
        return json.dumps(policy, separators=(",", ":"))


def read_settings(crawler: FakeCrawler) -> CrawlerSettings:
    """A crawler's settings.

    Raises:
        UnsupportedOperation: It has a target or a recrawl policy that is not crawled locally.
        InvalidInput: Its configuration, a path or a pattern cannot be read, or it has no target.
    """
    _refuse_unsupported(crawler)
    configuration = _configuration(crawler.configuration)
    output, grouping = configuration.get("CrawlerOutput") or {}, configuration.get("Grouping") or {}
    tables, partitions = output.get("Tables") or {}, output.get("Partitions") or {}
    catalog = tuple(_catalog_target(target) for target in crawler.targets.get("CatalogTargets") or ())
    targets = tuple(_s3_target(target) for target in crawler.targets.get("S3Targets") or ())
    if bool(catalog) == bool(targets):
        raise InvalidInput("A crawler needs S3 targets or catalog targets, and cannot have both")
    incremental = (crawler.recrawl_policy or {}).get("RecrawlBehavior") == "CRAWL_NEW_FOLDERS_ONLY"
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    policy |= crawler.schema_change_policy or {}
    _check_policy(policy, incremental=incremental, catalog=bool(catalog))
    return CrawlerSettings(
        name=crawler.name,
        role=crawler.role,
        database=(crawler.database_name or "").lower(),
        table_prefix=crawler.table_prefix or "",
        s3_targets=targets,
        catalog_targets=catalog,
        grouping=GroupingOptions(
            combine=bool(catalog) or _known(grouping, "TableGroupingPolicy", "CombineCompatibleSchemas"),
            table_level=_number(grouping, "TableLevelConfiguration"),
        ),
        update=policy["UpdateBehavior"],
        delete=policy["DeleteBehavior"],
        new_folders_only=incremental,
        merge_new_columns=_known(tables, "AddOrUpdateBehavior", "MergeNewColumns"),
        inherit_from_table=_known(partitions, "AddOrUpdateBehavior", "InheritFromTable"),
        most_tables=_number(tables, "TableThreshold"),
        configuration_text=crawler.configuration or "",
    )


def _refuse_unsupported(crawler: FakeCrawler) -> None:
    for kind, targets in crawler.targets.items():
        if targets and kind not in _SUPPORTED_TARGETS:
            raise UnsupportedOperation(f"StartCrawler for {kind}")
    if any(target.get("ConnectionName") for target in crawler.targets.get("S3Targets") or ()):
        raise UnsupportedOperation("StartCrawler for S3Targets with a ConnectionName")
    if (crawler.recrawl_policy or {}).get("RecrawlBehavior") == "CRAWL_EVENT_MODE":
        raise UnsupportedOperation("StartCrawler with the recrawl behavior CRAWL_EVENT_MODE")
    if (crawler.lineage_configuration or {}).get("CrawlerLineageSettings") == "ENABLE":
        raise UnsupportedOperation("StartCrawler with CrawlerLineageSettings")


def _check_policy(policy: Mapping[str, str], *, incremental: bool, catalog: bool) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html."""
    if incremental and set(policy.values()) != {"LOG"}:
        raise InvalidInput(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG '
            "DeleteBehavior value and LOG UpdateBehavior value."
        )
    if catalog and policy["DeleteBehavior"] != "LOG":
        raise InvalidInput(
            "The SchemaChangePolicy for Catalog target can have only LOG DeleteBehavior value."
        )


def _configuration(text: str | None) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        configuration = json.loads(text)
    except ValueError:
        configuration = None
    if not isinstance(configuration, dict):
        raise InvalidInput("The crawler's Configuration is no JSON object")
    return configuration


def _known(options: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether an option that knows one value has it."""
    given = options.get(name)
    if given not in (None, value):
        raise InvalidInput(f"{name} of the crawler's Configuration is '{given}' and can only be '{value}'")
    return given == value


def _number(options: Mapping[str, Any], name: str) -> int | None:
    """An option that is a positive whole number, if it is given."""
    given = options.get(name)
    if given is None:
        return None
    if isinstance(given, bool) or not str(given).isdecimal() or int(given) < 1:
        raise InvalidInput(
            f"{name} of the crawler's Configuration is '{given}' and must be a positive number"
        )
    return int(given)


def _s3_target(given: Mapping[str, Any]) -> S3Target:
    path = str(given.get("Path") or "")
    try:
        location = S3Location.parse(path if "://" in path else f"s3://{path}")
    except InvalidLocation as error:
        raise InvalidInput(str(error)) from None
    sample = given.get("SampleSize")
    if sample is not None and not 1 <= sample <= _MOST_SAMPLES:
        raise InvalidInput(f"SampleSize is {sample} and can be between 1 and {_MOST_SAMPLES}")
    patterns = tuple(given.get("Exclusions") or ())
    return S3Target(location, tuple(map(compile_pattern, patterns)), patterns, sample)


def _catalog_target(given: Mapping[str, Any]) -> CatalogTarget:
    if given.get("EventQueueArn") or given.get("ConnectionName"):
        raise UnsupportedOperation("StartCrawler for CatalogTargets with a queue or a connection")
    return CatalogTarget(given["DatabaseName"].lower(), tuple(name.lower() for name in given["Tables"]))
