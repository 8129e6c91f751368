"""The Data Catalog in Spark SQL."""


def use_data_catalog() -> None:
    """Nothing yet."""
