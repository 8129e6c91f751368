"""What Glue's own Java library does on AWS: S3 as a file system, the Data Catalog in Spark, bookmarks."""
