"""Creations: many databases, each with one outcome. They use the engine of teardowns: its limiter, runs and reports.

In reading order: `new` (what they are to be), `there` (what is there), `making` (one create), `verb`, `plan`,
`planner`, `report`, `verify`.
"""
