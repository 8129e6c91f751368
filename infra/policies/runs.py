"""What a role may start and watch: queries, jobs, crawlers, functions, state machines."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement, title

_RUN_QUERIES = (
    "athena:BatchGetQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)


def run_queries(naming: Naming, workgroup: str) -> tuple[Statement, ...]:
    """Run queries in a workgroup."""
    catalog = naming.arn("athena", "datacatalog/AwsDataCatalog")
    return (
        Statement(
            title(naming, "RunQueries", workgroup),
            _RUN_QUERIES,
            (naming.arn("athena", f"workgroup/{workgroup}"),),
        ),
        Statement("FindCatalog", ("athena:GetDataCatalog",), (catalog,)),
    )


def find_named_queries(naming: Naming, workgroup: str) -> tuple[Statement, ...]:
    """See the queries that are kept under a name."""
    actions = ("athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries")
    arn = naming.arn("athena", f"workgroup/{workgroup}")
    return (Statement(title(naming, "NamedQueries", workgroup), actions, (arn,)),)


def query_in_state_machine(naming: Naming, workgroup: str) -> tuple[Statement, ...]:
    """Run a query and wait for its end, as a state `athena:startQueryExecution.sync` does.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
    """
    actions = (
        "athena:GetDataCatalog",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
    )
    arns = (
        naming.arn("athena", f"workgroup/{workgroup}"),
        naming.arn("athena", "datacatalog/AwsDataCatalog"),
    )
    return (Statement(title(naming, "Query", workgroup), actions, arns),)


def run_jobs(naming: Naming, *jobs: str) -> tuple[Statement, ...]:
    """Start Glue jobs, wait for their ends, stop them."""
    actions = ("glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun")
    return (Statement("RunJobs", actions, tuple(naming.arn("glue", f"job/{job}") for job in jobs)),)


def watch_jobs(naming: Naming, *jobs: str) -> tuple[Statement, ...]:
    """Read what a Glue job is, as Airflow's operators do before they start one."""
    return (Statement("SeeJobs", ("glue:GetJob",), tuple(naming.arn("glue", f"job/{job}") for job in jobs)),)


def run_crawlers(naming: Naming, *crawlers: str) -> tuple[Statement, ...]:
    """Start crawlers and wait for their ends."""
    arns = tuple(naming.arn("glue", f"crawler/{crawler}") for crawler in crawlers)
    return (
        Statement("RunCrawlers", ("glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"), arns),
        # AWS knows no resource for it.
        Statement("CrawlerMetrics", ("glue:GetCrawlerMetrics",), ("*",)),
    )


def read_bookmarks() -> tuple[Statement, ...]:
    """See what was processed already: a job's bookmark, for which AWS knows no resource."""
    return (Statement("ReadBookmarks", ("glue:GetJobBookmark",), ("*",)),)


def invoke_function(naming: Naming, function: str) -> tuple[Statement, ...]:
    """Invoke a function."""
    arn = naming.arn("lambda", f"function:{function}")
    return (Statement(title(naming, "Invoke", function), ("lambda:InvokeFunction",), (arn,)),)


def start_executions(naming: Naming, machine: str) -> tuple[Statement, ...]:
    """Start a state machine."""
    arn = naming.arn("states", f"stateMachine:{machine}")
    return (Statement(title(naming, "Start", machine), ("states:StartExecution",), (arn,)),)


def watch_executions(naming: Naming, machine: str) -> tuple[Statement, ...]:
    """See how the executions of a state machine go."""
    actions = ("states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution")
    return (
        Statement(
            title(naming, "Watch", machine), actions, (naming.arn("states", f"execution:{machine}:*"),)
        ),
    )
