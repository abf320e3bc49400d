"""The core's own sources of secrets: the flow's text, an environment variable, a file."""
