"""The run loop: sample, render, annotate, encode, write, on threads and in processes."""
