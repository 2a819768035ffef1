"""The network that paints the side of the person nobody saw."""
