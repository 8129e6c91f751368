"""The process: one HTTP endpoint for every service, and its life from start to end."""
