"""Reads a live model; the only home of framework code."""
