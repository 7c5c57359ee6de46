"""What the kit costs, each thing beside its floor: ``python -m benchmarks``."""
