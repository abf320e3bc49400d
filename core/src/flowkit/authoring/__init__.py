"""What a flow author imports: FlowSpec, step, Parameter, current and the decorators' names."""
