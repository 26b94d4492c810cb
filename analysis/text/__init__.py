"""Ground of all reading of texts: characters, sentences, words, keywords. Pure."""
