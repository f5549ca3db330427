"""Finds out how the layers of a live model are connected."""
