"""AWS resources over boto3: one small declaration per resource type, one module per service."""
