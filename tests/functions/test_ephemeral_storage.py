"""A function's own `/tmp`: kept between calls, as large as it was asked for, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from function_factory import Functions

NOTE = """
import os, subprocess
def handler(event, context):
    if event:
        with open("/tmp/note", "w") as file:
            file.write(event)
    listed = subprocess.run(["ls", "/tmp"], capture_output=True, text=True).stdout.split()
    written = os.path.exists("/tmp/note") and open("/tmp/note").read()
    return [os.stat("/tmp").st_dev, written, "note" in listed]
"""


@pytest.fixture
def note(functions: Functions) -> str:
    """A function that writes what it is told into its `/tmp`, and says what is there."""
    name = functions.create(NOTE)
    device = functions.invoke(name).value[0]
    if device == Path("/tmp").stat().st_dev:  # noqa: S108 - the machine's, on purpose
        pytest.skip("this system gives no process a mount namespace of its own")
    return name


def test_what_a_call_writes_is_there_for_the_next_one_and_for_processes_that_it_starts(
    functions: Functions, note: str
) -> None:
    functions.invoke(note, "kept")
    assert functions.invoke(note).value[1:] == ["kept", True]


def test_other_environments_and_the_machine_see_nothing_of_it(functions: Functions, note: str) -> None:
    functions.invoke(note, "mine")
    assert functions.run(NOTE).value[1:] == [False, False]
    assert not Path("/tmp/note").exists()  # noqa: S108 - the machine's, on purpose
    functions.client.update_function_configuration(FunctionName=note, Description="a new environment")
    functions.client.update_function_configuration(FunctionName=note, MemorySize=256)
    assert functions.invoke(note).value[1:] == [False, False]


@pytest.mark.parametrize(("asked", "fits"), [(512, False), (700, True)])
def test_it_holds_as_much_as_was_asked_for(functions: Functions, note: str, asked: int, fits: bool) -> None:
    source = """
        import os, tempfile
        def handler(event, context):
            with tempfile.TemporaryFile() as file:
                try:
                    os.posix_fallocate(file.fileno(), 0, 600 * 2**20)
                except OSError as error:
                    return error.strerror
            return tempfile.gettempdir()
    """
    found = functions.run(source, EphemeralStorage={"Size": asked}, MemorySize=1024).value
    assert found == ("/tmp" if fits else "No space left on device")  # noqa: S108 - Lambda's


def test_folders_that_a_function_names_itself_stay_as_they_are(functions: Functions, note: str) -> None:
    source = "import os\ndef handler(event, context): return [os.environ['HOME'], os.environ['TMPDIR']]"
    assert functions.run(source).value == ["/tmp", "/tmp"]  # noqa: S108 - Lambda's
    own = {"HOME": "/home/mine", "TMPDIR": "/tmp/mine"}  # noqa: S108 - Lambda's
    assert functions.run(source, Environment={"Variables": own}).value == list(own.values())
