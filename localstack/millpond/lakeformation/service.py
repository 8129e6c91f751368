"""What LF-tags do otherwise than moto's: a resource may have none, gets more, and inherits.

https://docs.aws.amazon.com/lake-formation/latest/dg/tag-based-access-control.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import moto.lakeformation.models
from moto.lakeformation.exceptions import EntityNotFound
from moto.lakeformation.models import LakeFormationBackend

from millpond.lakeformation import grants

_Tag = dict[str, Any]


class LakeFormationService(LakeFormationBackend):
    """Lake Formation in one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # A resource that nobody tagged has no tags; moto fails with a KeyError.
        self.lf_database_tags = defaultdict(list)
        self.lf_table_tags = defaultdict(list)
        self.lf_columns_tags = defaultdict(list)

    @property
    def _url_module(self) -> Any:
        from millpond.lakeformation import urls

        return urls

    def add_lf_tags_to_resource(
        self, catalog_id: str, resource: dict[str, Any], tags: list[_Tag]
    ) -> list[dict[str, Any]]:
        """Tag a resource; it keeps its tags of other keys. Answers the tags that do not exist."""
        lists = list(self._tag_lists(resource))
        before = [list(tags_of[name]) for tags_of, name in lists]
        failures = super().add_lf_tags_to_resource(catalog_id, resource, tags)
        if not failures:
            for (tags_of, name), old in zip(lists, before, strict=True):
                tags_of[name] = _overlaid(old, tags)
        return failures

    def get_resource_lf_tags(
        self, catalog_id: str, resource: dict[str, Any]
    ) -> tuple[list[_Tag], list[_Tag], list[dict[str, Any]]]:
        """The tags of the database, of the table and of its columns; a table inherits its database's."""
        if "Database" in resource:
            [(tags_of, name)] = self._tag_lists(resource)
            return list(tags_of[name]), [], []
        named = resource.get("Table") or resource["TableWithColumns"]
        catalog = named.get("CatalogId", self.account_id)
        table = (catalog, named["DatabaseName"], named["Name"])
        of_database = self.lf_database_tags[table[:2]]
        of_columns = [
            {"Name": column, "LFTags": tags}
            for (*owner, column), tags in list(self.lf_columns_tags.items())
            if tags and tuple(owner) == table and column in named.get("ColumnNames", [column])
        ]
        return list(of_database), _overlaid(of_database, self.lf_table_tags[table]), of_columns

    def remove_lf_tags_from_resource(
        self, catalog_id: str, resource: dict[str, Any], tags: list[_Tag]
    ) -> None:
        """Take tags off a resource.

        Raises:
            EntityNotFound: It does not have one of them.
        """
        keys = {tag["TagKey"] for tag in tags}
        for tags_of, name in self._tag_lists(resource):
            if not keys <= {tag["TagKey"] for tag in tags_of[name]}:
                raise EntityNotFound
            tags_of[name] = [tag for tag in tags_of[name] if tag["TagKey"] not in keys]

    def _tag_lists(
        self, resource: Mapping[str, Any]
    ) -> Iterator[tuple[dict[tuple[str, ...], list[_Tag]], tuple[str, ...]]]:
        """Where the tags of what a request names are kept: the mapping, and the key in it."""
        for kind, named in resource.items():
            catalog = named.get("CatalogId", self.account_id)
            if kind == "Database":
                yield self.lf_database_tags, (catalog, named["Name"])  # type: ignore[misc]  # pairs
            elif kind == "Table":
                yield self.lf_table_tags, (catalog, named["DatabaseName"], named["Name"])  # type: ignore[misc]  # triples
            elif kind == "TableWithColumns":
                for column in named["ColumnNames"]:
                    yield self.lf_columns_tags, (catalog, named["DatabaseName"], named["Name"], column)


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.lakeformation.models.lakeformation_backends.backend = LakeFormationService
    grants.install()


def _overlaid(tags: Sequence[_Tag], nearer: Sequence[_Tag]) -> list[_Tag]:
    """Tags by key; one that stands nearer to the resource goes before one from farther away."""
    return list({tag["TagKey"]: tag for tag in (*tags, *nearer)}.values())
