"""The addresses of HTTP APIs: moto's, with our operations behind them."""

from __future__ import annotations

from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.apigatewayv2.urls import url_bases
from moto.apigatewayv2.urls import url_paths as moto_url_paths

from millpond.apigatewayv2.responses import HttpApiApi

__all__ = ["url_bases", "url_paths"]

url_paths = {
    path: HttpApiApi.dispatch if handler == ApiGatewayV2Response.dispatch else handler
    for path, handler in moto_url_paths.items()
} | {
    "{0}/v2/apis/(?P<api_id>[^/]+)/deployments$": HttpApiApi.dispatch,
    "{0}/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$": HttpApiApi.dispatch,
}
