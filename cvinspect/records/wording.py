"""What people read for the values of a record, in Chinese and in English."""

from cvinspect.domain import Reason, Status

STATUS = {
    Status.OPEN: ("持续中", "Open"),
    Status.CLEARED: ("已清除", "Cleared"),
    Status.CLOSED: ("已撤销", "Withdrawn"),
}
CLOCKS = {
    "given": ("指定", "given"),
    "container": ("视频元数据", "container"),
    "exif": ("EXIF", "EXIF"),
    "file": ("文件修改时间（推测）", "file date (a guess)"),
    "live": ("本机时钟", "this machine's clock"),
}
BACKINGS = {
    "real": ("实拍数据", "real pictures"),
    "synthetic": ("合成数据", "synthetic pictures"),
    "none": ("本模型不支持", "no label in this model backs it"),
}
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
