"""A `/tmp` of a function's own, as large as it was asked for.

    python ephemeral_storage.py MEGABYTES STAND_IN FOLDERS SCRIPT ARGUMENT …

On Linux the process gets a mount namespace, in which `/tmp` is empty and its own, and goes with it. FOLDERS
are those below the machine's `/tmp` that it must see nevertheless, separated by `:`. Environment variables
that name the folder STAND_IN then name `/tmp`. Where there are no such namespaces (macOS, some containers),
`/tmp` stays the machine's, and STAND_IN is what the function has for itself.

Run in the process of a function, which sees nothing else of Millpond.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

TMP = Path("/tmp")  # noqa: S108 - Lambda's
# https://man7.org/linux/man-pages/man2/unshare.2.html, …/mount.2.html, …/prctl.2.html
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_PR_SET_DUMPABLE = 4


def main() -> None:
    """Take a `/tmp` of one's own, if the system gives it, and run the script."""
    _, megabytes, stand_in, folders, script, *_ = sys.argv
    del sys.argv[:4]
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _take_own_tmp(int(megabytes), [Path(folder) for folder in folders.split(":") if folder])
            for variable in [name for name, value in os.environ.items() if value == stand_in]:
                os.environ[variable] = str(TMP)
    code = compile(Path(script).read_bytes(), script, "exec")
    exec(code, {"__name__": "__main__", "__file__": script})  # noqa: S102 - running it is what this is for


def _take_own_tmp(megabytes: int, kept: list[Path]) -> None:
    """Raises `OSError` where the system does not allow it; `/tmp` is then as it was."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)

    working_directory = Path.cwd()
    user, group = os.geteuid(), os.getegid()
    try:
        call("unshare", _CLONE_NEWNS)
    except OSError:
        call("unshare", _CLONE_NEWNS | _CLONE_NEWUSER)
        # Whoever makes a namespace of users may mount in it; he stays who he is.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        # The server still has to know its own: a process with new rights is hidden otherwise.
        call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    opened = [(folder, os.open(folder, os.O_RDONLY)) for folder in kept]
    call("mount", b"tmpfs", os.fsencode(TMP), b"tmpfs", 0, f"size={megabytes}m,mode=1777".encode())
    try:
        for folder, descriptor in opened:
            folder.mkdir(parents=True, exist_ok=True)
            source = f"/proc/self/fd/{descriptor}".encode()
            call("mount", source, os.fsencode(folder), None, _MS_BIND | _MS_REC, None)
            os.close(descriptor)
        os.chdir(working_directory)
    except OSError:
        call("umount2", os.fsencode(TMP), _MNT_DETACH)
        raise


if __name__ == "__main__":
    main()
