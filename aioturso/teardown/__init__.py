"""Teardowns: many targets, each deleted on evidence, each with one outcome.

In reading order:

- the things: `targets` (kinds, targets, candidates), `kinds`, `listing` and `tokens` (each kind is listed, found and
  removed in its own way), `engine` (the calls);
- the choice: `selection`, `matching`, `exclusion` and `age` (which are meant), `evidence` (the one rule), `protection`
  (looked up where a list leaves it open), `planner`, `plan` on `base_plan` with `codec` (plans as data), `hints`
  (looks and errors for what matches nothing);
- the run: `options`, `verb` and `verbs` (what is done to a target), `recheck` (what has changed since), `run` with
  `rest` (what is not yet taken), `underway` (what is being sent), `scope` (which targets an error is about), `stops`
  (why nothing is sent), `halt`, `outbox` and `spread`;
- the account: `report` and `collecting`, `observers` with `audit` and `progress`, `verify`;
- the undo: `recovery` (before a run: can it be undone), `traces` (what was done), `restorable` (what can come back),
  `restoring` and `after_failure`.
"""
