"""Running the models as a production service: container, Compose, Kubernetes, monitoring. See docs/triton.md."""
