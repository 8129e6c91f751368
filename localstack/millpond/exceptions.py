"""The root of every error whose message is written for a user."""


class MillpondError(Exception):
    """Something that a user can cause or mend: the command line shows the message and nothing else."""
