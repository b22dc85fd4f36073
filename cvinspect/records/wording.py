"""What people read for the values of a record, in Chinese and in English."""

from cvinspect.domain import Status

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
