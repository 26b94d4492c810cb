"""Two documents: about one happening or not. Pure; learnt weights beside it."""
