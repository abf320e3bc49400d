"""Markup as values: elements, and how they become HTML or JSON."""
