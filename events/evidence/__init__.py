"""Evidence: what documents of a case looked like when it was found, kept so that anybody can check it."""
