"""API Gateway's data plane: deployed HTTP and REST APIs answer requests on the cloud's own endpoint.

http://{api-id}.execute-api.localhost:4566/{stage}/{path}
http://127.0.0.1:4566/_aws/execute-api/{api-id}/{stage}/{path}

addresses ─→ http_api, rest_api (route, authorization) ─→ payloads ─→ integrations ─→ answers
"""

from millpond.apigateway.server import ApiServer
from millpond.apigateway.service import install

__all__ = ["ApiServer", "install"]
