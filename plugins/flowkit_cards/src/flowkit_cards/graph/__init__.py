"""Pictures of flows: a plain description of a graph, where each step stands, and the drawing."""
