"""The built-in commands, one a file; each is a click command that the hook ``flowkit_commands`` offers."""
