"""The causes of faulty values."""
