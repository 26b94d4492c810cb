"""Commands on editions of reports, one file a command."""
