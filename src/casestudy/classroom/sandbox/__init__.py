"""The wall around students' code. What runs inside imports only what draws figures and reports values."""
