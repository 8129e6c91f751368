"""What a worker runs, tied to its server by `lifeline`; it sees nothing else of Millpond."""

import os
import site
import sys


def main() -> None:
    """Hand the process over to AWS's runtime client."""
    # Python was started without `site`, which also defines these names.
    site.setquit()
    site.setcopyright()
    site.sethelper()

    from awslambdaric.__main__ import main as run

    run([sys.argv[0], os.environ["_HANDLER"]])


if __name__ == "__main__":
    main()
