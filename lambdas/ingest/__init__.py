"""The function that takes files from landing into raw: checked, typed, each exactly once."""
