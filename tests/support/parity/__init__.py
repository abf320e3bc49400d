"""Flows run on FlowKit and on Metaflow, and what comes of them compared."""
