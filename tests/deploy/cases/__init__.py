"""One small program per resource type, a property that changes, and how boto3 reads it."""
