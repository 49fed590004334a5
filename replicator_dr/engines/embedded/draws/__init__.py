"""Distributions as pure functions of (seed, execution, element, component), NVIDIA's and our own."""
