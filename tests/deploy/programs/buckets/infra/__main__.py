"""Two buckets in a component, one of them versioned."""

import pulumi
import pulumi_aws as aws


class Zone(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("lake:index:Zone", name)
        below = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(name, force_destroy=True, tags={"zone": name}, opts=below)
        self.versioning = aws.s3.BucketVersioning(
            name,
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=below,
        )
        self.register_outputs({"bucket": self.bucket.bucket})


raw = Zone("raw")
marts = Zone("marts")
pulumi.export("raw", raw.bucket.arn)
pulumi.export("url", raw.bucket.bucket.apply(lambda name: f"s3://{name}/"))
pulumi.export("password", pulumi.Output.secret("hush"))
