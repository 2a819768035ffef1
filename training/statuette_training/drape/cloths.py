"""What cloth is made of: weight, stiffness and thickness from jersey to coat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloth:
    density: float  # kg / m2
    bend: float  # N m
    stretch: float  # N / m
    shear: float  # N / m
    thickness: float  # m, drawn
    friction: float = 0.35
    worn: float = 0.012  # unevenness of the thread length: creases that do not iron out


# Bending is near published measurements of fabrics (a knit about 2e-6, denim about 4e-5 N m), the rest of their order.
# Gravity hardly stretches real cloth, so stretch and shear act as limits: what shows is density over bending.
CLOTHS = {
    "jersey": Cloth(0.16, 3e-6, 250, 30, 0.0018),
    "sport": Cloth(0.20, 4e-6, 180, 25, 0.0012, 0.3, 0.004),
    "shirt": Cloth(0.12, 6e-6, 2000, 60, 0.0014, 0.3, 0.018),
    "silk": Cloth(0.08, 1.5e-6, 1500, 20, 0.0010, 0.2, 0.008),
    "chino": Cloth(0.26, 2e-5, 3000, 160, 0.0020, 0.4, 0.014),
    "denim": Cloth(0.38, 4e-5, 4000, 250, 0.0026, 0.4, 0.016),
    "wool": Cloth(0.26, 1.3e-5, 1500, 80, 0.0022, 0.4, 0.008),
    "knit": Cloth(0.36, 2.2e-5, 320, 60, 0.0045, 0.5, 0.010),
    "fleece": Cloth(0.34, 2.5e-5, 500, 90, 0.0040, 0.5, 0.014),
    "jacket": Cloth(0.36, 5e-5, 2500, 200, 0.0040, 0.4, 0.014),
    "coat": Cloth(0.55, 8e-5, 3000, 250, 0.0055, 0.45, 0.010),
    "nylon": Cloth(0.10, 1.2e-5, 2500, 90, 0.0012, 0.25, 0.020),
}
