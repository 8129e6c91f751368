"""How the command line and the demo talk to an endpoint: as any AWS client, through boto3."""

from millpond.client.athena import QueryAnswer, run_query
from millpond.client.endpoint import Endpoint

__all__ = ["Endpoint", "QueryAnswer", "run_query"]
