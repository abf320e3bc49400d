"""Hook specifications, providers, discovery and the registry. Nothing else in the core imports pluggy."""
