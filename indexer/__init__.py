"""Journal, store and query: from raw documents on disk to answers.

The journal is the system of record; the indexer judges what is in it and puts it into a store.
"""
