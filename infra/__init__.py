"""The lakehouse on AWS as a Pulumi program; `__main__` is what Pulumi runs."""
