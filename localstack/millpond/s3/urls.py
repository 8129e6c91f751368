"""S3's addresses: moto's, with our operations behind them."""

from __future__ import annotations

from moto.s3.responses import S3Response
from moto.s3.urls import url_bases
from moto.s3.urls import url_paths as moto_url_paths

from millpond.s3.bucket_settings import BucketApi

__all__ = ["url_bases", "url_paths"]

url_paths = {
    path: getattr(BucketApi, handler.__name__) if hasattr(S3Response, handler.__name__) else handler
    for path, handler in moto_url_paths.items()
}
