"""The paths of Lambda's API: moto's, answered by our responses."""

from __future__ import annotations

from moto.awslambda import urls as moto_urls

from millpond.functions.responses import FunctionResponse

url_bases = moto_urls.url_bases

url_paths = {
    **dict.fromkeys(moto_urls.url_paths, FunctionResponse.dispatch),
    # Operations whose paths moto does not know: the dispatcher names what is not supported.
    r"{0}/(?P<api_version>20\d\d-\d\d-\d\d)/(?P<unknown>.+)$": FunctionResponse.dispatch,
}
