"""What lies at a JSON path: one value where the path is definite, else a list of all that it finds.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import functools
import re
from typing import Any

from jsonpath_ng.ext.parser import parse
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
# Everything, a descendant, a filter, a slice or several at once.
_SEVERAL = re.compile(r"\*|\.\.|\?\(|\[[^\]]*[:,][^\]]*\]")

_parsed = functools.lru_cache(maxsize=1024)(parse)


def value_at(path: str, data: Any) -> Any:
    """What a state finds at a path.

    Raises:
        NoSuchJsonPathError: A path to one thing leads to none.
    """
    found = [match.value for match in _parsed(path).find(data)]
    if _SEVERAL.search(_QUOTED.sub("", path)):
        return found
    if not found:
        raise NoSuchJsonPathError(json_path=path, data=data)
    return found[0]
