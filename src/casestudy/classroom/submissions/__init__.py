"""What comes back: files given to students, and a notebook's cells put in order. Nothing is run here."""
