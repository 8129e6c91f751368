"""A project and a stack, opened for deploying: what the command line and the tests call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from millpond.deploy.display import PRINTED, RunDisplay, short_type
from millpond.deploy.engine import Engine
from millpond.deploy.exceptions import ProgramFailed
from millpond.deploy.monitor import serving
from millpond.deploy.plan import plan_deletions
from millpond.deploy.program import PARALLEL, ProgramRun, get_ready
from millpond.deploy.project import Project, StackSettings
from millpond.deploy.providers.aws.settings import AwsSettings
from millpond.deploy.providers.registry import ProviderRegistry
from millpond.deploy.recovery import Survey, configure_providers, settle
from millpond.deploy.refresh import look, record
from millpond.deploy.results import UpResult
from millpond.deploy.sdk_packages import packages_named
from millpond.deploy.stack_reference import StackReferences
from millpond.deploy.stack_state import StackState
from millpond.deploy.state import StateFile
from millpond.deploy.values import Properties, has_unknowns, to_state

STATE_DIRECTORY: Final = Path(".millpond") / "stacks"


@dataclass(frozen=True)
class _Run:
    """What one run of the program came to."""

    outputs: Properties
    secret_outputs: frozenset[str]
    summary: dict[str, int]
    changes_nothing: bool


class Deployment:
    """One stack of one Pulumi project."""

    def __init__(self, project: Project, settings: StackSettings, aws: AwsSettings, state_dir: Path) -> None:
        self._project = project
        self._settings = settings
        self._aws = aws
        self._stacks = StackReferences(state_dir, project)
        self._state = StateFile(state_dir, settings.stack, settings.cipher)

    @classmethod
    def open(
        cls,
        project_dir: Path,
        stack: str,
        state_dir: Path | None = None,
        endpoint_url: str | None = None,
        config: Mapping[str, str] | None = None,
        *,
        service_urls: Mapping[str, str] | None = None,
        new_stack: bool = False,
    ) -> Deployment:
        """Read the project's settings for a stack.

        State goes to `.millpond/stacks` in the project unless `state_dir` says otherwise. `endpoint_url`
        and `service_urls`, by boto3's names of the services that have their own, override whatever the
        settings say, and `config` (`project:key` or `key` to text) single values of them. A `new_stack` has
        no settings file, like one right after `pulumi stack init`.
        """
        project = Project.load(Path(project_dir))
        known = StackSettings.new(project, stack) if new_stack else StackSettings.load(project, stack)
        settings = known.overridden(project, config or {})
        state_dir = state_dir or project.directory / STATE_DIRECTORY
        return cls(project, settings, AwsSettings.of(settings, endpoint_url, service_urls), Path(state_dir))

    @staticmethod
    def get_ready(project_dir: Path) -> None:
        """Start importing what a project's program needs, before there is a cloud to deploy to."""
        project = Project.load(Path(project_dir))
        get_ready(project, packages_named(project))

    def up(self, console: Console, *, refresh: bool = False) -> UpResult:
        """Make the cloud what the program says, after a `refresh` if asked.

        The program runs twice, as under `pulumi up`: once to check and plan everything before anything is
        made, and once to make it; the second is left out when nothing has to change.
        """
        with self._state.locked():
            providers = self._recover(console)
            if refresh:
                self._refresh(console, providers)
            with self._program_starting(providers) as survey:
                with RunDisplay(console, "Planning", dry_run=True) as display:
                    planned = self._run(providers, display, survey, dry_run=True)
                if planned.changes_nothing:
                    self._state.put_outputs(to_state(planned.outputs), planned.secret_outputs)
                    display.print_summary(planned.outputs, planned.secret_outputs)
                    return UpResult(dict(planned.outputs), planned.summary, planned.secret_outputs)
                with RunDisplay(console, "Updating", dry_run=False) as display:
                    done = self._run(self._providers(), display, survey, dry_run=False)
            display.print_tree()
            display.print_summary(done.outputs, done.secret_outputs)
            return UpResult(dict(done.outputs), done.summary, done.secret_outputs)

    def preview(self, console: Console) -> UpResult:
        """Show what `up` would do; changes nothing but the record of an interrupted run."""
        with self._state.locked():
            providers = self._recover(console)
            with (
                self._program_starting(providers) as survey,
                RunDisplay(console, "Previewing", dry_run=True) as display,
            ):
                planned = self._run(providers, display, survey, dry_run=True)
            display.print_tree()
            display.print_summary(planned.outputs, planned.secret_outputs)
            known = {name: value for name, value in planned.outputs.items() if not has_unknowns(value)}
            return UpResult(known, planned.summary, planned.secret_outputs)

    def refresh(self, console: Console) -> UpResult:
        """Read every resource, and show and record what is not as the state has it; changes no resource."""
        with self._state.locked():
            display = self._refresh(console, self._recover(console))
            values, secret_outputs = self._state.outputs
            display.print_summary({}, frozenset())
            return UpResult(dict(values), display.summary(), secret_outputs)

    def destroy(self, console: Console) -> UpResult:
        """Remove everything that the stack's state knows; what is already gone counts as removed."""
        with self._state.locked():
            providers = self._recover(console)
            with RunDisplay(console, "Destroying", dry_run=False) as display:
                engine = Engine(self._state, providers, display, dry_run=False)
                try:
                    engine.delete(plan_deletions(self._state.resources(), ()), self._state.doomed())
                    engine.raise_errors()
                finally:
                    display.print_tree()
            self._state.put_outputs({}, frozenset())
            display.print_summary({}, frozenset())
            return UpResult({}, display.summary())

    @property
    def state(self) -> StackState:
        """The stack's state, to be looked at and edited."""
        return StackState(self._state)

    def outputs(self) -> dict[str, Any]:
        """The stack's exports as of the last run, secrets in the clear."""
        values, _ = self._state.outputs
        return dict(values)

    def secret_outputs(self) -> frozenset[str]:
        """The names of the exports that must not be shown."""
        return self._state.outputs[1]

    def _providers(self) -> ProviderRegistry:
        providers = ProviderRegistry(self._aws)
        configure_providers(self._state, providers)
        return providers

    def _recover(self, console: Console) -> ProviderRegistry:
        self._aws.require_reachable()
        if self._settings.cipher:
            self._settings.cipher.require()
        providers = self._providers()
        for pending in settle(self._state, providers):
            resource = pending.resource
            what = f"{pending.operation} {short_type(resource.type)} '{resource.name}'"
            console.print(f"The last run ended while {what}; looked up what came of it.", markup=False)
        return providers

    def _program_starting(self, providers: ProviderRegistry) -> Survey:
        """Look at the cloud while what the program is made of is imported."""
        resources = self._state.resources().values()
        # What the last run used tells more than the program's text, which names what it may use.
        packages: Collection[str] = providers.sdk_packages(resources)
        if not packages:
            packages = packages_named(self._project)
            # What was deployed before is checked anew only if it changed.
            providers.get_ready_to_check(packages)
        get_ready(self._project, packages)
        return Survey(resources, providers)

    def _refresh(self, console: Console, providers: ProviderRegistry) -> RunDisplay:
        with RunDisplay(console, "Refreshing", dry_run=False) as display:
            findings = look(self._state, providers)
            record(self._state, findings)
            for finding in findings:
                display.planned(finding.now or finding.was, finding.step)
                display.finished(finding.step)
        display.print_tree()
        return display

    def _run(
        self, providers: ProviderRegistry, display: RunDisplay, survey: Survey, *, dry_run: bool
    ) -> _Run:
        engine = Engine(self._state, providers, display, survey, self._stacks, dry_run=dry_run)
        project, settings = self._project, self._settings
        folder = project.working_directory
        try:
            with serving(engine, settings.stack, project.name, folder, PARALLEL) as address:
                run = ProgramRun(project, settings, address, dry_run, self._environment())
                try:
                    printed = run.execute()
                except ProgramFailed:
                    engine.raise_if_unread()
                    raise
                for line in printed:
                    display.message(PRINTED, line)
            engine.raise_errors()
            engine.delete_leftovers()
            engine.raise_errors()
        except Exception:
            display.print_tree()
            raise
        outputs, secret_outputs = engine.outputs
        if not dry_run:
            self._state.put_outputs(to_state(outputs), secret_outputs)
        nothing = engine.changes_nothing and not has_unknowns(outputs)
        return _Run(outputs, secret_outputs, display.summary(), nothing)

    def _environment(self) -> dict[str, str]:
        """What a program that calls AWS itself needs to reach the same cloud."""
        wanted = {
            "AWS_ENDPOINT_URL": self._aws.endpoint_url,
            "AWS_REGION": self._aws.region,
            "AWS_DEFAULT_REGION": self._aws.region,
            "AWS_ACCESS_KEY_ID": self._aws.access_key,
            "AWS_SECRET_ACCESS_KEY": self._aws.secret_key,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }
        return {name: value for name, value in wanted.items() if value}
