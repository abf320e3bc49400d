"""Drives flows from other programs: Runner, NBRunner, Deployer. Their signatures come from the command line."""
