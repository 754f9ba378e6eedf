"""Files to frames with the place of every row; knows no indicators."""
