"""The assistant's tools over one home, spoken as MCP on stdio. They read, and change nothing."""
