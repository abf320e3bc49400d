"""FlowKit on Microsoft Azure."""
