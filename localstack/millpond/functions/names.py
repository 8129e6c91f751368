"""How requests name functions: by name, ARN or a part of an ARN, each with a qualifier or without.

https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from millpond.functions.exceptions import InvalidParameterValue, NotFound

_NAME = re.compile(
    r"(?:arn:aws[\w-]*:lambda:(?P<region>[\w-]+):)?(?:\d{12}:)?(?:function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>[\w$.-]+))?"
)


@dataclass(frozen=True)
class FunctionName:
    """A function in the region of the request.

    Attributes:
        name: Alone.
        qualifier: The version or alias that was named with it.
    """

    name: str
    qualifier: str | None

    @classmethod
    def of_request(cls, text: str, region: str, qualifier: str | None) -> FunctionName | None:
        """Read a name; None if it is none, which the model refuses.

        Args:
            text: As it stands in the path.
            region: Where the request is made.
            qualifier: What the request names apart from the function.

        Raises:
            NotFound: The function is in another region.
            InvalidParameterValue: Two qualifiers contradict each other.
        """
        found = _NAME.fullmatch(text)
        if found is None:
            return None
        if found["region"] not in (None, region):
            raise NotFound(
                f"Functions from '{found['region']}' are not reachable in this region ('{region}')"
            )
        if qualifier and found["qualifier"] not in (None, qualifier):
            raise InvalidParameterValue(
                "The derived qualifier from the function name does not match the specified qualifier."
            )
        return cls(found["name"], found["qualifier"])

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name
