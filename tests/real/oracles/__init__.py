"""The networks' own libraries as oracles: what they send for the same post, beside what our adapters send."""
