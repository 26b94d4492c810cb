"""Labels of what texts say: the draw of texts, packs for annotators, hashes and offsets."""
