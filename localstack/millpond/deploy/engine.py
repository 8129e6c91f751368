"""One run: takes the program's registrations, plans each and carries it out, then deletes what is left.

The same class previews (`dry_run`), in which case nothing is called that changes the cloud or the state,
and what is not known before the run is `UNKNOWN`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from millpond.deploy.exceptions import (
    CannotReplaceProtected,
    DeployError,
    DeploymentFailed,
    InternalError,
    OutputNotFilled,
    ResourceError,
)
from millpond.deploy.monitor import Registered
from millpond.deploy.operations import Operations
from millpond.deploy.outcome import IN_PLACE, expected, resulting, told
from millpond.deploy.plan import (
    Action,
    Step,
    deletes_first,
    dependents,
    ignoring,
    plan_deletions,
    plan_registration,
)
from millpond.deploy.providers import CheckedInputs, Provider, Providers
from millpond.deploy.recovery import Survey
from millpond.deploy.resource import (
    PROVIDER_PREFIX,
    STACK_REFERENCE_TYPE,
    STACK_TYPE,
    Registration,
    ResourceState,
    Urn,
)
from millpond.deploy.schedule import run_in_order
from millpond.deploy.stack_reference import StackReferences
from millpond.deploy.state import StateFile
from millpond.deploy.values import Properties, has_unknowns

WORKERS: Final = 16


class Observer(Protocol):
    """Is told what happens, from several threads."""

    def planned(self, resource: ResourceState, step: Step) -> None:
        """A step was decided on and is about to be carried out (or only shown)."""

    def finished(self, step: Step) -> None:
        """A step was carried out."""

    def failed(self, urn: str, error: DeployError) -> None:
        """A resource cannot be checked, or its step failed."""

    def message(self, severity: int, text: str) -> None:
        """The program has something to say."""


@dataclass
class _Progress:
    """What a run has come to; guarded by the engine's lock."""

    registered: dict[str, Registration] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    errors: dict[str, DeployError] = field(default_factory=dict)
    unfilled: dict[str, frozenset[str]] = field(default_factory=dict)
    restated: bool = False
    unread: bool = False
    outputs: Properties = field(default_factory=dict)
    secret_outputs: frozenset[str] = frozenset()


class Engine:
    """Carries out one run of a program over a state; is the registrar of the monitor."""

    def __init__(
        self,
        state: StateFile,
        providers: Providers,
        observer: Observer,
        survey: Survey | None = None,
        stacks: StackReferences | None = None,
        *,
        dry_run: bool,
    ) -> None:
        self._stacks = stacks
        self._state = state
        self._operations = Operations(state)
        self._providers = providers
        self._observer = observer
        self._dry_run = dry_run
        self._lock = threading.Lock()
        self._progress = _Progress()
        self._slots = threading.BoundedSemaphore(WORKERS)
        self._survey = survey
        self._before = state.resources()

    @property
    def steps(self) -> Mapping[str, Step]:
        """Everything that was decided, by URN."""
        return self._progress.steps

    @property
    def changes_nothing(self) -> bool:
        """Whether a run that only plans found nothing to do, neither to the cloud nor to the state."""
        unchanged = all(step.action is Action.SAME for step in self._progress.steps.values())
        return unchanged and not self._progress.restated and not self._state.doomed()

    @property
    def outputs(self) -> tuple[Properties, frozenset[str]]:
        """The stack's exports, and the names of the secret ones."""
        return self._progress.outputs, self._progress.secret_outputs

    def raise_errors(self) -> None:
        """Raise what went wrong with resources, if anything did."""
        if self._progress.errors:
            raise DeploymentFailed(list(self._progress.errors.values()))

    def raise_if_unread(self) -> None:
        """Raise what went wrong if something that the program asked for could not be looked up."""
        if self._progress.unread:
            self.raise_errors()

    # What the monitor calls

    def register(self, registration: Registration) -> Registered | None:
        """Make a resource what the program declares; None when that failed or may not start any more."""
        old = self._claim(registration)
        if self._progress.errors and not self._dry_run:
            return None
        try:
            return self._carry_out(registration, self._as_cloud_has_it(old))
        except DeployError as error:
            self._fail(registration.urn, error, registration.declared_at)
        except Exception as error:
            defect = InternalError(registration.urn, error, registration.declared_at)
            self._fail(registration.urn, defect, registration.declared_at)
        return None

    def complete(self, urn: str, outputs: Properties, secrets: frozenset[str]) -> None:
        """Take the stack's exports; a component's outputs are the program's own business."""
        if Urn.parse(urn).type != STACK_TYPE:
            return
        self._progress.outputs, self._progress.secret_outputs = outputs, secrets
        unknown = sorted(name for name, value in outputs.items() if has_unknowns(value))
        if unknown and not self._dry_run and not self._progress.errors:
            self._fail(urn, OutputNotFilled(f"the export {', '.join(unknown)}", {}))

    def read(self, registration: Registration, id_: str) -> Registered:
        """Look up a resource that something else manages."""
        try:
            return self._found(registration, id_)
        except DeployError as error:
            # The program fails too, of which it tells less clearly.
            self._progress.unread = True
            self._fail(registration.urn, error, registration.declared_at)
            raise

    def _found(self, registration: Registration, id_: str) -> Registered:
        if registration.type == STACK_REFERENCE_TYPE and self._stacks is not None:
            return self._stacks.read(id_)
        provider = self._providers.of(registration.type, registration.provider)
        outputs = provider.read(registration.type, id_, registration.inputs)
        if outputs is None:
            message = f"there is none with the id '{id_}' in the cloud"
            raise ResourceError(registration.urn, message, registration.declared_at)
        return told(id_, outputs, registration, provider)

    def invoke(self, token: str, arguments: Properties, provider: str) -> Properties:
        """Answer a provider's function."""
        return self._providers.of(token, provider).invoke(token, arguments)

    def log(self, severity: int, message: str) -> None:
        """Hand a message of the program on."""
        self._observer.message(severity, message)

    # After the program

    def delete_leftovers(self) -> None:
        """Delete what the program no longer declares, and what was replaced."""
        kept = self._progress.claimed | self._progress.registered.keys()
        self.delete(plan_deletions(self._before, kept), self._state.doomed())

    def delete(self, steps: Iterable[Step], doomed: Iterable[ResourceState] = ()) -> None:
        """Carry out deletions, dependents before what they depend on."""
        tasks = {step.urn: step for step in steps}
        for step in tasks.values():
            if step.old is not None and step.old.protect and step.action is Action.DELETE:
                message = "it is protected; remove `protect=True` and run `up` first, to delete it"
                self._fail(step.urn, ResourceError(step.urn, message, step.old.declared_at))
        if self._progress.errors:
            return
        replaced = [Step(Action.DELETE, item.urn, item, reason="replaced") for item in doomed]
        for step in tasks.values():
            self._decide(step)
        if self._dry_run:
            return
        everything = [*tasks.values(), *replaced]
        blockers = {
            index: {
                other
                for other, dependent in enumerate(everything)
                if other != index
                and dependent.old is not None
                and step.urn in dependent.old.prerequisites
                and dependent.urn != step.urn
            }
            for index, step in enumerate(everything)
        }
        going = frozenset(tasks)
        failures = run_in_order(blockers, lambda index: self._delete(everything[index], going), WORKERS)
        for index, error in failures.items():
            if not isinstance(error, DeployError):
                raise error
            old = everything[index].old
            self._fail(everything[index].urn, error, old.declared_at if old else None)

    # One registration, stage by stage

    def _claim(self, registration: Registration) -> ResourceState | None:
        """Take note of a resource and find its state, under its name or one that it had before."""
        urn, progress = registration.urn, self._progress
        with self._lock:
            if urn in progress.registered:
                message = "a resource of this type and name is already declared"
                raise ResourceError(urn, message, registration.declared_at)
            progress.registered[urn] = registration
            progress.aliases[urn] = self._all_aliases(registration)
            for candidate in (urn, *progress.aliases[urn]):
                if candidate in self._before and candidate not in progress.claimed:
                    progress.claimed.add(candidate)
                    return self._before[candidate]
        return None

    def _as_cloud_has_it(self, old: ResourceState | None) -> ResourceState | None:
        """What the state says of a resource, and whether the cloud still has it."""
        if old is None or self._survey is None:
            return old
        return replace(old, gone=self._survey.is_gone(old.urn))

    def _not_filled(self, registration: Registration) -> OutputNotFilled:
        """The error of a resource with an input that is not known although all before it was made."""
        names = [name for name, value in registration.inputs.items() if has_unknowns(value)]
        sources = {urn for name in names for urn in registration.property_dependencies.get(name, ())}
        unfilled = {Urn.parse(urn).name: self._progress.unfilled.get(urn, frozenset()) for urn in sources}
        return OutputNotFilled(", ".join(sorted(names)), unfilled)

    def _all_aliases(self, registration: Registration) -> tuple[str, ...]:
        """Its own aliases, and the names that it had when its parent had another."""
        names = [Urn.parse(registration.urn), *map(Urn.parse, registration.aliases)]
        inherited = [
            str(name.below(Urn.parse(registration.parent), Urn.parse(former)))
            for former in self._progress.aliases.get(registration.parent, ())
            for name in names
        ]
        return tuple(dict.fromkeys([*registration.aliases, *inherited]))

    def _carry_out(self, registration: Registration, old: ResourceState | None) -> Registered:
        if has_unknowns(registration.inputs) and not self._dry_run:
            raise self._not_filled(registration)
        if old is not None and old.urn != registration.urn and not self._dry_run:
            self._state.rename(old.urn, registration.urn)
            old = replace(old, urn=registration.urn)
        if not registration.custom or registration.type.startswith(PROVIDER_PREFIX):
            return self._keep_record(registration, old)
        provider = self._providers.of(registration.type, registration.provider)
        rules = provider.rules(registration.type)
        inputs = ignoring(registration.inputs, old, registration.options.ignore_changes)
        checked = self._check(provider, registration, inputs, old)
        step = plan_registration(registration, checked.inputs, old, rules)
        if step.action is Action.REPLACE:
            step, checked = self._prepare_replacement(step, registration, provider, inputs)
        new = resulting(registration, checked, old if step.action in IN_PLACE else None)
        self._decide(step, new)
        if self._dry_run:
            self._note_restated(new, old)
            return expected(step, new, provider)
        with self._slots:
            state = self._apply(step, new, provider)
        self._observer.finished(step)
        known = {**state.inputs, **state.outputs}
        answer = told(state.id, known, registration, provider, state.secrets)
        with self._lock:
            self._progress.unfilled[state.urn] = answer.unfilled
        return answer

    def _keep_record(self, registration: Registration, old: ResourceState | None) -> Registered:
        """Components and providers exist in the state alone."""
        state = resulting(registration, CheckedInputs(registration.inputs), old)
        if state.is_provider:
            state = replace(state, id=registration.name)
            self._providers.configure(registration.urn, registration.type, registration.inputs)
        if self._dry_run:
            self._note_restated(state, old)
        action = Action.CREATE if old is None else Action.SAME
        self._decide(Step(action, registration.urn, old), state)
        if not self._dry_run:
            if state != old:
                self._state.put(state)
            self._observer.finished(Step(action, registration.urn, old))
        return Registered(state.id, {})

    def _note_restated(self, new: ResourceState, old: ResourceState | None) -> None:
        """The state may have to change (a name, an option) where the cloud has not to."""
        if old is None or replace(new, declared_at=old.declared_at) != old:
            self._progress.restated = True

    def _check(
        self, provider: Provider, registration: Registration, inputs: Properties, old: ResourceState | None
    ) -> CheckedInputs:
        return provider.check(registration.type, registration.name, inputs, old, dry_run=self._dry_run)

    def _prepare_replacement(
        self, step: Step, registration: Registration, provider: Provider, inputs: Properties
    ) -> tuple[Step, CheckedInputs]:
        """A replacement gets names of its own where the program gives none."""
        old = step.old
        if old is None or old.protect:
            changed = ", ".join(change.path for change in step.changes if change.replaces)
            raise CannotReplaceProtected(changed)
        checked = self._check(provider, registration, inputs, None)
        rules = provider.rules(registration.type)
        return replace(step, delete_first=deletes_first(registration, checked.inputs, old, rules)), checked

    def _apply(self, step: Step, new: ResourceState, provider: Provider) -> ResourceState:
        old = step.old
        match step.action:
            case Action.SAME:
                if new != old:
                    self._state.put(new)
                return new
            case Action.UPDATE if old is not None:
                # Of one that is unsettled nothing is known for certain, so that all of it is set again.
                return self._operations.update(new, {} if old.unsettled else old.inputs, provider)
            case Action.IMPORT:
                wanted = self._progress.registered[new.urn].options.import_id
                return self._operations.adopt(replace(new, id=wanted), provider)
            case Action.REPLACE if old is not None and step.delete_first:
                self._delete_with_dependents(old)
                return self._operations.create(new, provider)
            case Action.REPLACE:
                return self._operations.create(new, provider, replacing=old)
            case _:
                return self._operations.create(new, provider)

    def _delete_with_dependents(self, old: ResourceState) -> None:
        resources = self._state.resources()
        types = {
            resource.type for resource in resources.values() if resource.custom and not resource.is_provider
        }
        rules = {type_: self._providers.of(type_, "").rules(type_) for type_ in types}
        found = dependents(resources.values(), old.urn, rules)
        if protected := [item for item in found if item.protect]:
            raise CannotReplaceProtected(f"what '{protected[0].name}' depends on")
        for dependent in found:
            with self._lock:
                self._before.pop(dependent.urn, None)
            self._delete(Step(Action.DELETE, dependent.urn, dependent), frozenset())
        self._delete(Step(Action.DELETE, old.urn, old), frozenset())

    def _delete(self, step: Step, going: frozenset[str]) -> None:
        resource = step.old
        if resource is None:
            return
        retained = step.action is Action.RETAIN or resource.retain_on_delete
        if retained or resource.deleted_with in going or not resource.custom or resource.is_provider:
            self._state.remove([resource])
        else:
            self._operations.delete(resource, self._providers.of(resource.type, resource.provider))
        self._observer.finished(step)

    def _decide(self, step: Step, resource: ResourceState | None = None) -> None:
        with self._lock:
            self._progress.steps[step.urn] = step
        shown = resource or step.old
        if shown is not None:
            self._observer.planned(shown, step)

    def _fail(self, urn: str, error: DeployError, declared_at: str | None = None) -> None:
        if not isinstance(error, ResourceError):
            error = ResourceError(urn, str(error), declared_at)
        with self._lock:
            self._progress.errors[urn] = error
        self._observer.failed(urn, error)
