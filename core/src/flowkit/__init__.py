"""FlowKit: data-science and ML workflows."""
