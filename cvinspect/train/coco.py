"""COCO's classes among our labels."""

COCO_NAMES = {
    "car": "motor_vehicle",
    "truck": "motor_vehicle",
    "bus": "motor_vehicle",
    "bicycle": "two_wheeler",
    "motorcycle": "two_wheeler",
    "person": "person",
    "umbrella": "umbrella",
    "chair": "table_or_chair",
    "dining table": "table_or_chair",
    "bench": "table_or_chair",
}
"""What COCO's things are called here."""

COCO_ORIGINS: dict[str, tuple[str, ...]] = {
    "motor_vehicle": ("car", "truck", "bus"),
    "two_wheeler": ("bicycle", "motorcycle"),
    "person": ("person",),
    "umbrella": ("umbrella",),
    "table_or_chair": ("chair",),
}
"""Whose weights a label starts with: their mean, so only of things that look alike."""
