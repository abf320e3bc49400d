"""Contracts that the authors of plugins inherit their tests from."""
