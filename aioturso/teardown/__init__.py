"""Teardowns: many targets, each deleted on evidence, each with one outcome.

In reading order: `targets` and `listing` (kinds of things), `selection` and `exclusion` (names), `evidence` (the rule),
`planner` and `plan` (on `base_plan`), then `options`, `run`, `verb`, `verbs` and `recheck`, then `report`, `audit`, `progress` and `verify`.
"""
