"""Pages on paper: a finished HTML page as a tagged PDF, by pandoc and typst."""
