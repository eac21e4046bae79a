"""Frozen attrs classes, one module per resource."""
