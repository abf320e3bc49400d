"""FlowKit on Amazon Web Services."""
