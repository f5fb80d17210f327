"""What the `model.py` files of the repository import: everything that needs no Triton to be tested."""
