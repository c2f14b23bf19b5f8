"""What a run was made of against what is there now, and the run as a crate for an archive."""
