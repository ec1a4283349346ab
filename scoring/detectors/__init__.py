"""Detectors of rises: pure, vectorised over series (rows) by periods (columns), each citing its paper."""
