"""What all writers of datasets share: folder, journal, manifest, options, splits; a format says what its files hold."""
