"""A case for others: how it is cited, its claims as reviews, its tables described for other tools."""
