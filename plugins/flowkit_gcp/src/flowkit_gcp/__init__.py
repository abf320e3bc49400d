"""FlowKit on Google Cloud."""
