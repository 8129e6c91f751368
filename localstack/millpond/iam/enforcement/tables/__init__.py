"""What each service's operations need: one table per service, all in `TABLES` of `registry`."""
