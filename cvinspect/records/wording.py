"""What people read for the values of a record, in Chinese and in English."""

from cvinspect.domain import Reason, Status
from cvinspect.taxonomy import Obstacle
from cvinspect.views import Why

STATUS = {
    Status.OPEN: ("持续中", "Open"),
    Status.CLEARED: ("已清除", "Cleared"),
    Status.CLOSED: ("已撤销", "Withdrawn"),
}
CLOCKS = {
    "given": ("指定", "given"),
    "container": ("视频元数据", "container"),
    "exif": ("EXIF", "EXIF"),
    "name": ("文件名", "file name"),
    "file": ("文件修改时间（推测）", "file date (a guess)"),
    "live": ("本机时钟", "this machine's clock"),
}
BACKINGS = {
    "real": ("实拍数据", "real pictures"),
    "synthetic": ("合成数据", "synthetic pictures"),
    "none": ("本模型不支持", "no label in this model backs it"),
}
OBSTACLES = {
    Obstacle.NOT_BACKED: ("本模型没有对应标签", "no label in this model backs it"),
    Obstacle.NO_ZONE: ("没有画出规则要求的区域", "no zone is drawn that its rule asks for"),
    Obstacle.EXEMPT: ("规则适用的位置全部豁免", "it is allowed wherever its rule could hold"),
    Obstacle.MIN_SIZE: ("最小尺寸大于画面", "its smallest size is larger than the picture"),
    Obstacle.NO_PICTURE: ("没有检测任何画面", "not one picture was inspected"),
    Obstacle.OTHER_VIEW: ("画面不是需要判定的画面", "none of the views in which it is judged was shown"),
    Obstacle.SINGLE_PICTURE: ("单张图片不能证明停留，只能预警", "a single picture proves no dwell, pre-alarms only"),
    Obstacle.TOO_SHORT: ("读到的时长短于停留阈值", "what was read is shorter than its dwell"),
    Obstacle.INTERRUPTED: ("画面中断，连续时长短于停留阈值", "no stretch without a break is as long as its dwell"),
    Obstacle.SPARSE: ("采样间隔过大", "pictures are too far apart"),
    Obstacle.OUT_OF_HOURS: (
        "不在规则时段，或时段内时长短于停留阈值",
        "its hours were not seen for as long as its dwell",
    ),
}
"""Why a class could not be raised."""
UNJUDGED = {
    Why.OTHER_VIEW: ("其他画面", "other view"),
    Why.COVERED: ("镜头被遮挡", "covered"),
    Why.BLACK: ("黑屏", "black"),
    Why.FROZEN: ("画面冻结", "frozen"),
    Why.MOVING: ("镜头转动", "moving"),
    Why.MOVED: ("镜头偏移", "knocked askew"),
    Why.BLURRED: ("画面模糊", "blurred"),
    Why.TOO_DARK: ("过暗", "too dark"),
    Why.GAP: ("无画面", "gap"),
    Why.SHORT: ("短于停留阈值", "shorter than the dwell"),
}
"""Why time was not judged."""
REASONS = {
    Reason.PLACE_EMPTY.value: "现场已清空",
    Reason.NOT_DETECTED.value: "长时间未检出",
    Reason.NEVER_LEFT.value: "从未离开",
    Reason.LAPSED.value: "未达停留时间",
    Reason.MERGED.value: "重复事件",
    Reason.ZONE_CHANGED.value: "区域已变更",
    Reason.CAMERA_REMOVED.value: "摄像机已移除",
    Reason.RULE_CHANGED.value: "规则已变更",
}
"""Of what this program knows; a record may name others."""
