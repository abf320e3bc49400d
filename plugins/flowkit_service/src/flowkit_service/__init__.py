"""FlowKit's metadata service: a server, and the provider that talks to it."""
