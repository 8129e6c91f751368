"""Hive tables: files of many formats under the locations of a table and its partitions."""
