"""What stands between a graph and its user: previews, reports, measurements, the doctor."""
