"""Path tracing: the same scene arrays as the raster's, with light that bounces, soft shadows and depth of field."""
