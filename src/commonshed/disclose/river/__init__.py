"""Pages and pictures about rivers."""
