"""Made-up deliveries of a web shop, with the dirt that real ones have.

`generate(DatagenSettings(...))` writes files; the same settings give the same bytes everywhere.
"""

from millpond.datagen.exceptions import DatagenError, InvalidSettings, OutputNotEmpty
from millpond.datagen.generate import generate
from millpond.datagen.result import BadLine, DatagenResult, SourceSummary
from millpond.datagen.settings import DatagenSettings

__all__ = [
    "BadLine",
    "DatagenError",
    "DatagenResult",
    "DatagenSettings",
    "InvalidSettings",
    "OutputNotEmpty",
    "SourceSummary",
    "generate",
]
