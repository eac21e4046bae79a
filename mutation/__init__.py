"""Mutation testing: changes one thing in a module at a time, and lists the changes that no test notices."""
