"""Search: the Store protocol, its backends, the query language, trends and exports."""
