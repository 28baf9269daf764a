"""The TLP 2.0 sharing markings."""

TLP = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
"""With whom a text may be shared, from the narrowest circle to the widest. TLP is no classification."""
