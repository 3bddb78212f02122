"""What networks read: noise, texts, tables, and the laws that further inputs have."""
