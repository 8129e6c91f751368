"""The main job in one go: a lakehouse deployed, fed, transformed, tested and queried.

It works on any project whose stack exports the names that `lake.StackOutputs` lists.
"""

from millpond.demo.report import DemoReport
from millpond.demo.run import DemoSettings, run_demo

__all__ = ["DemoReport", "DemoSettings", "run_demo"]
