"""Images and masks of whole batches as compressed bytes, in native code: Warp kernels on the CPU, a thread an image."""
