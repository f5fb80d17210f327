"""New models for Triton: written from templates (`new_model`), and tried with real text (`trial`)."""
