"""Says everything in the reader's language: catalogues, labels, dates, names of States and languages, direction."""
