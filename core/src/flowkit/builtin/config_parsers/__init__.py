"""Parsers of configuration files. Each takes a text, and raises ValueError that says where it is wrong."""
