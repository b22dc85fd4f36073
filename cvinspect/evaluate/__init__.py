"""How well a detector does: labelled pictures, the scores of its detections on them, the thresholds they justify."""
