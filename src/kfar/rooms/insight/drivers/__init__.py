"""What moves satisfaction or buying, beside what the company believes moves it."""
