"""Statuette training: synthetic clothed people, rendering, the networks and their training, evaluation."""

__version__ = "0.1.0"
