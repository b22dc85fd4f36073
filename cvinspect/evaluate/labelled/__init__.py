"""Labelled pictures: data sets in YOLO's and COCO's formats, read whole and checked.

No detection is scored here (`detections`), and no clip is read (`truth`).
"""
