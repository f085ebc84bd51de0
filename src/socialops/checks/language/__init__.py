"""Words of four languages: found in all their forms, and nothing that merely looks like them."""
