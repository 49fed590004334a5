"""Annotators: what is computed from rendered frames, by NVIDIA's names."""
