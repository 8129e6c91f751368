"""What runs when a text is dropped."""

import os

import boto3

s3 = boto3.client("s3")


def handle(event, _context):
    """Count the words of each new text."""
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        words = s3.get_object(Bucket=bucket, Key=key)["Body"].read().split()
        print(f"{key} has {len(words)} words")
        s3.put_object(Bucket=os.environ["COUNTS"], Key=key, Body=str(len(words)).encode())
