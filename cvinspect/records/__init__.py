"""What is written down: one record for each revision of an incident, and the files that hold them.

The form is decided here and nowhere else; databases are in `store`, pages in `report`.
"""

from typing import Literal

Backing = Literal["real", "synthetic", "none"]
"""What a label rests on, as the model's card says: real pictures, rendered ones, or nothing at all."""
