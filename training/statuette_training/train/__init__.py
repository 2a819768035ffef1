"""Training: what is trained in which order (plan), on what (batches, tiles), how (stages), and how it survives (run)."""
