"""The provider ``service``: FlowKit's records over HTTP."""
