"""The `awsglue` package as jobs import it: our own, to the behaviour of AWS's public one."""
