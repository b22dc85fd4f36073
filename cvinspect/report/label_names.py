"""What labels are called in Chinese."""

LABELS_ZH = {
    "exposed_garbage": "暴露垃圾",
    "garbage_bag": "垃圾袋",
    "overflowing_bin": "满溢垃圾桶",
    "bin": "垃圾桶",
    "motor_vehicle": "机动车",
    "two_wheeler": "两轮车",
    "person": "行人",
    "umbrella": "伞",
    "table_or_chair": "桌椅",
    "road_damage": "道路破损",
    "graffiti": "乱涂写张贴",
    "vendor_stall": "摊位",
    "banner": "横幅广告",
    "hanging_laundry": "晾挂衣物",
    "material_pile": "堆料",
    "rubbish": "垃圾（合并）",
}
"""What people call our labels; those of other data sets keep their own names."""
