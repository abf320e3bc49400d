"""The decorators that come with FlowKit."""
