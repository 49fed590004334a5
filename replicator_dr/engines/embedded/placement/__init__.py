"""Placement: where things may lie, tried one after the other, kept apart exactly."""
