"""Glue's machine learning, which is refused by name: its models are AWS's own."""
