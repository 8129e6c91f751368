"""Takes events from the API, checks them against their contract, puts them into the stream."""
