"""Shapes of cars as cross-sections from rear to front: x forward, z up, origin on the road."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One cross-section, all in metres."""

    x: float
    sill: float
    belt: float
    top: float
    half_width: float
    roof_half_width: float = 0.0
    """0 outside the cabin."""


SALOON = (
    Section(-2.34, 0.40, 0.80, 0.82, 0.74),
    Section(-2.28, 0.28, 0.98, 1.01, 0.84),
    Section(-2.05, 0.22, 1.03, 1.08, 0.88),
    Section(-1.72, 0.20, 1.02, 1.09, 0.905),
    Section(-0.98, 0.19, 0.99, 1.43, 0.915, 0.60),
    Section(-0.45, 0.19, 0.98, 1.49, 0.92, 0.63),
    Section(-0.05, 0.19, 0.97, 1.50, 0.92, 0.64),
    Section(0.06, 0.19, 0.97, 1.50, 0.92, 0.64),
    Section(0.42, 0.19, 0.96, 1.47, 0.92, 0.63),
    Section(0.66, 0.19, 0.955, 1.42, 0.92, 0.61),
    Section(1.36, 0.19, 0.93, 0.99, 0.91),
    Section(1.75, 0.20, 0.88, 0.93, 0.90),
    Section(2.12, 0.21, 0.81, 0.85, 0.88),
    Section(2.29, 0.25, 0.72, 0.75, 0.84),
    Section(2.36, 0.34, 0.63, 0.65, 0.74),
)
SUV = (
    Section(-2.28, 0.43, 0.88, 0.90, 0.76),
    Section(-2.23, 0.31, 1.06, 1.09, 0.86),
    Section(-2.10, 0.27, 1.10, 1.16, 0.89),
    Section(-2.00, 0.26, 1.10, 1.18, 0.91),
    Section(-1.62, 0.25, 1.09, 1.60, 0.925, 0.60),
    Section(-0.90, 0.25, 1.08, 1.67, 0.93, 0.64),
    Section(-0.08, 0.25, 1.06, 1.69, 0.93, 0.66),
    Section(0.04, 0.25, 1.06, 1.69, 0.93, 0.66),
    Section(0.40, 0.25, 1.05, 1.66, 0.93, 0.65),
    Section(0.62, 0.25, 1.05, 1.61, 0.93, 0.63),
    Section(1.28, 0.25, 1.03, 1.10, 0.92),
    Section(1.75, 0.26, 0.99, 1.05, 0.91),
    Section(2.10, 0.27, 0.94, 0.99, 0.90),
    Section(2.25, 0.30, 0.86, 0.90, 0.86),
    Section(2.31, 0.38, 0.76, 0.78, 0.77),
)
