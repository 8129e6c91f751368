"""The deployer's rights over what makes files tables: the catalog, what runs in Glue, the workgroups."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement

_CATALOG = (
    "glue:CreateDatabase",
    "glue:CreateTable",
    "glue:DeleteDatabase",
    "glue:DeleteTable",
    "glue:GetDatabase",
    "glue:GetPartitionIndexes",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdateDatabase",
    "glue:UpdateTable",
)
_CATALOG_SETTINGS = ("glue:GetDataCatalogEncryptionSettings", "glue:PutDataCatalogEncryptionSettings")
_GLUE_RUNS = (
    "glue:CreateJob",
    "glue:CreateTrigger",
    "glue:CreateWorkflow",
    "glue:DeleteCrawler",
    "glue:DeleteJob",
    "glue:DeleteTrigger",
    "glue:DeleteWorkflow",
    "glue:GetCrawler",
    "glue:GetJob",
    "glue:GetTags",
    "glue:GetTrigger",
    "glue:GetWorkflow",
    "glue:StartTrigger",
    "glue:StopTrigger",
    "glue:TagResource",
    "glue:UntagResource",
    "glue:UpdateCrawler",
    "glue:UpdateJob",
    "glue:UpdateTrigger",
    "glue:UpdateWorkflow",
)
_WORKGROUPS = (
    "athena:CreateNamedQuery",
    "athena:CreateWorkGroup",
    "athena:DeleteNamedQuery",
    "athena:DeleteWorkGroup",
    "athena:GetNamedQuery",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:ListTagsForResource",
    "athena:TagResource",
    "athena:UntagResource",
    "athena:UpdateWorkGroup",
)


def data_statements(naming: Naming) -> tuple[Statement, ...]:
    """Make and change databases, tables, jobs, crawlers and workgroups; run none of them."""
    database, mine = naming.database("*"), naming.name("*")
    catalog = naming.arn("glue", "catalog")
    tables = (
        catalog,
        naming.arn("glue", f"database/{database}"),
        naming.arn("glue", f"table/{database}/*"),
    )
    runs = tuple(naming.arn("glue", f"{kind}/{mine}") for kind in ("crawler", "job", "trigger", "workflow"))
    databases = (naming.arn("glue", f"database/{database}"),)
    return (
        Statement("Catalog", _CATALOG, tables),
        Statement("CatalogSettings", _CATALOG_SETTINGS, (catalog,)),
        Statement("GlueRuns", _GLUE_RUNS, runs),
        # AWS knows no resource for it.
        Statement("NewCrawlers", ("glue:CreateCrawler",), ("*",)),
        Statement("DatabaseTags", ("glue:GetTags", "glue:TagResource", "glue:UntagResource"), databases),
        Statement("Workgroups", _WORKGROUPS, (naming.arn("athena", f"workgroup/{mine}"),)),
    )
