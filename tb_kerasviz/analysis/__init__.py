"""Pure NumPy: statistics of tensors, and choices within a budget."""
