"""What the lake's DAGs share: where the lake is, what days a run is about, failures, queries and reports."""
