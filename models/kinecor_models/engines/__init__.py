"""What runs a network: OpenVINO on a CPU, torch on CUDA."""
