"""Files of elections, each format read to one value, `Election`, that can be counted."""
