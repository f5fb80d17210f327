"""Models that come with the package: see `triton_server.gector.model_files.bundled_model`."""
