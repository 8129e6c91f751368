"""Policy documents, built from what is meant by small functions: one module for each kind of right.

Every action is named. A `*` at the end of a resource stands for all objects of a prefix, all tables of a
database, all executions of a state machine; `*` alone stands only where AWS knows no resource for the action.
The only wildcard actions are in denials.
"""

from infra.policies.boundary import boundary, deny_other_environments
from infra.policies.document import Statement, policy, title

__all__ = ["Statement", "boundary", "deny_other_environments", "policy", "title"]
