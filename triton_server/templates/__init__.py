"""Files of a new model folder, filled in by `triton_server.authoring`."""
