"""Is it true? The derived against brute force, the emitted run on symbols, claims and equivalences decided."""
