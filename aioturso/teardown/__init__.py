"""Tearing down many targets: execute.py how, report.py what happened."""
