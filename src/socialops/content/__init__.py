"""What people write: posts, brand, strategy, channels, media, text, time."""
