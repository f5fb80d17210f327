"""Running the models as a service: container, Compose, Kubernetes, monitoring. See docs/triton.md."""
