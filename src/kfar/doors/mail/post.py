"""The post: letters that wait, written in the reader's language and sent."""
