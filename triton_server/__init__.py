"""The GECToR model and what serves it: inside a process on ONNX Runtime, or on a Triton Inference Server.

Nothing here imports `lsp_server`.
"""
