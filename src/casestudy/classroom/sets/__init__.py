"""A problem set: its source, answers and their problems, figures for each code, copies, right answers, marks."""
