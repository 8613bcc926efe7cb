"""Who sees to a case, without anybody giving it out by hand."""
