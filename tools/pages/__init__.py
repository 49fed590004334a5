"""Pages with pictures that are made from what they describe: one of the randomizers, one of the scenes."""
