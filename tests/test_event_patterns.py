"""Event patterns against the examples of EventBridge's documentation."""

import json

import pytest

from millpond.event_patterns import EventPattern
from millpond.exceptions import InvalidEventPattern

EVENT = {
    "version": "0",
    "source": "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    "time": "2022-07-13T03:43:57Z",
    "account": "111122223333",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111", "arn:second"],
    "detail": {
        "state": "running",
        "c-count": 5,
        "d-count": 3,
        "x-limit": 301.8,
        "source-ip": "10.0.0.33",
        "location": "eu-west",
        "file": "dir/image.png",
        "empty": "",
        "nothing": None,
        "flag": True,
        "none": [],
        "dotted.key": {"deep": "yes"},
        "dotted": {"key.shallow": "no"},
        "parts": [{"name": "a", "size": 1}, {"name": "b", "size": 9}],
    },
}

DETAIL = [
    ({"state": ["running"]}, True),
    ({"state": ["stopped", "running"]}, True),
    ({"state": ["stopped"]}, False),
    ({"state": [{"prefix": "run"}]}, True),
    ({"state": [{"prefix": {"equals-ignore-case": "RUN"}}]}, True),
    ({"state": [{"prefix": "RUN"}]}, False),
    ({"file": [{"suffix": ".png"}]}, True),
    ({"file": [{"suffix": {"equals-ignore-case": ".PNG"}}]}, True),
    ({"state": [{"anything-but": "running"}]}, False),
    ({"state": [{"anything-but": ["stopped", "overloaded"]}]}, True),
    ({"x-limit": [{"anything-but": [100, 200, 300]}]}, True),
    ({"state": [{"anything-but": {"prefix": "init"}}]}, True),
    ({"state": [{"anything-but": {"prefix": ["init", "run"]}}]}, False),
    ({"file": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}, True),
    ({"state": [{"anything-but": {"equals-ignore-case": ["RUNNING"]}}]}, False),
    ({"file": [{"anything-but": {"wildcard": "*/lib/*"}}]}, True),
    ({"missing": [{"anything-but": "x"}]}, False),
    ({"c-count": [{"numeric": [">", 0, "<=", 5]}]}, True),
    ({"d-count": [{"numeric": ["<", 10]}]}, True),
    ({"x-limit": [{"numeric": ["=", 301.8]}]}, True),
    ({"c-count": [{"numeric": [">", 5]}]}, False),
    ({"state": [{"numeric": [">", 5]}]}, False),
    ({"c-count": [5]}, True),
    ({"c-count": [5.0]}, True),
    ({"parts.name": ["b"]}, True),
    ({"dotted": {"key": {"deep": ["yes"]}}}, True),
    ({"dotted.key": {"deep": ["yes"], "shallow": ["no"]}}, True),
    ({"dotted.key.shallow": ["yes"]}, False),
    ({"c-count": ["5"]}, False),
    ({"flag": [True]}, True),
    ({"flag": [1]}, False),
    ({"source-ip": [{"cidr": "10.0.0.0/24"}]}, True),
    ({"source-ip": [{"cidr": "10.0.1.0/24"}]}, False),
    ({"state": [{"cidr": "10.0.1.0/24"}]}, False),
    ({"state": [{"exists": True}]}, True),
    ({"state": [{"exists": False}]}, False),
    ({"missing": [{"exists": False}]}, True),
    ({"missing": [{"exists": True}]}, False),
    ({"missing": {"deeper": [{"exists": False}]}}, True),
    ({"none": [{"exists": False}]}, True),
    ({"state": [{"equals-ignore-case": "RuNNing"}]}, True),
    ({"file": [{"wildcard": "dir/*.png"}]}, True),
    ({"file": [{"wildcard": "*e"}]}, False),
    ({"file": [{"wildcard": "dir/*.p?g"}]}, False),
    ({"file": [{"wildcard": "dir/\\*.png"}]}, False),
    ({"empty": [""]}, True),
    ({"nothing": [None]}, True),
    ({"missing": [None]}, False),
    ({"location": [{"prefix": "eu-"}], "state": ["running"]}, True),
    ({"location": [{"prefix": "us-"}], "state": ["running"]}, False),
    ({"$or": [{"c-count": [{"numeric": [">", 100]}]}, {"d-count": [{"numeric": ["<", 10]}]}]}, True),
    ({"$or": [{"c-count": [100]}, {"d-count": [10]}], "state": ["running"]}, False),
    ({"parts": {"name": ["b"], "size": [9]}}, True),
    ({"parts": {"name": ["a"], "size": [9]}}, False),
]


@pytest.mark.parametrize(("pattern", "wanted"), DETAIL, ids=[json.dumps(pattern) for pattern, _ in DETAIL])
def test_detail(pattern, wanted):
    assert EventPattern(json.dumps({"source": ["aws.ec2"], "detail": pattern})).matches(EVENT) is wanted


def test_one_of_several_values_is_enough():
    assert EventPattern('{"resources": ["arn:second"]}').matches(EVENT)
    assert not EventPattern('{"resources": ["arn:third"]}').matches(EVENT)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{", "not valid JSON"),
        ("[]", "not an object"),
        ("{}", "Empty objects"),
        ('{"source": []}', "Empty arrays"),
        ('{"source": "aws.s3"}', '"source" must be an object or an array'),
        ('{"source": [{"like": "a"}]}', "Unrecognized match type like"),
        ('{"source": [{"prefix": "a", "suffix": "b"}]}', "Only one key"),
        ('{"source": [{"exists": "yes"}]}', "either true or false"),
        ('{"a": [{"numeric": ["~", 1]}]}', "numeric range operator: ~"),
        ('{"a": [{"numeric": [">", "1"]}]}', "must be numeric"),
        ('{"a": [{"numeric": []}]}', "Invalid member in numeric match"),
        ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array"),
        ('{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric"),
        ('{"a": [{"numeric": [">", 0, ">", 1]}]}', "Bad numeric range operator: >"),
        ('{"a": [{"numeric": ["<", 9, ">", 1]}]}', "Too many elements"),
        ('{"a": [{"cidr": "10.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"cidr": "10.0.0.0/a"}]}', "Malformed CIDR, mask bits must be an integer"),
        ('{"a": [{"cidr": "10.a/8"}]}', "Nonstandard IP address: 10.a"),
        ('{"a": [{"cidr": ["10.0.0.0/8"]}]}', "prefix match pattern must be a string"),
        ('{"a": [{"anything-but": {"numeric": 1}}]}', "anything-but"),
        ('{"a": [{"anything-but": []}]}', "Inside anything but list"),
        ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number"),
        ('{"a": [{"anything-but": ["b", null]}]}', "null.boolean is not supported"),
        ('{"a": [{"anything-but": ["b", 1]}]}', "mixed type is not supported"),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
        ('{"a": [{"anything-but": {"suffix": 1}}]}', "prefix/suffix match pattern must be a string"),
        ('{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "b"}}}]}', "Value of anything-but"),
        ('{"a": [{"anything-but": {"equals-ignore-case": 1}}]}', "Inside anything-but/equals-ignore-case"),
        ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 2"),
        ('{"a": [["b"]]}', "Match value"),
        ('{"$or": [{"a": [1]}]}', "at least 2 Objects"),
        ('{"$or": {"a": [1]}}', "must be an Array"),
        ('{"$or": [1, 2]}', "Only JSON object is allowed"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, reason):
    with pytest.raises(InvalidEventPattern, match=reason):
        EventPattern(pattern)
