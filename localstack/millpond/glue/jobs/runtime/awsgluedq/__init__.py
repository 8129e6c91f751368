"""Glue's data quality, which is refused by name: its rules are evaluated by AWS's own library."""
