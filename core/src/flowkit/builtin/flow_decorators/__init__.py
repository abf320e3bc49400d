"""The flow decorators that come with FlowKit."""
