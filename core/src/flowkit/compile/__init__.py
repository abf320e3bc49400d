"""From a FlowSpec class to its graph, the problems in it, and the plan that every deployer compiles from."""
