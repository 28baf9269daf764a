"""The TLP 2.0 sharing markings."""

TLP = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
"""The markings, from the smallest circle of readers to the largest. TLP is no classification."""
