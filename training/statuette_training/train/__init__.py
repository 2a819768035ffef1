"""Training: the order (plan), the data (batches, tiles), the losses (stages), and survival (run, checkpoint)."""
