"""Rewrites flows, notebooks and scripts that were written for Metaflow."""
