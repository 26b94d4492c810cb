"""Renderers: a tree of blocks as HTML, Markdown, JSON, DOCX, XLSX or PDF."""
