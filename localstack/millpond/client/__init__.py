"""How the command line and the demo talk to an endpoint: as any AWS client, through boto3."""

from millpond.client.athena import DOLLARS_PER_TERABYTE, QueryAnswer, run_query
from millpond.client.endpoint import Endpoint

__all__ = ["DOLLARS_PER_TERABYTE", "Endpoint", "QueryAnswer", "run_query"]
