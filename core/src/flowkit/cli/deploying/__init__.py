"""The commands that every deployer has: ``python flow.py DEPLOYER create|trigger|delete|…``."""
