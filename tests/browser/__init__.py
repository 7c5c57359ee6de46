"""The story as a person lives it, in Chromium."""
