"""The four layers and their colours."""

LAYERS = {  # safe for colour-blind readers, and told apart by lightness too; after Okabe and Ito (2008)
    "Printed": "#1F2937",
    "Implied": "#0072B2",
    "Reported": "#008060",
    "Invented": "#B84F00",  # darker than theirs, so that words in it can be read on white and on grey
}
ON_DARK = {"Printed": "#E5E7EB", "Implied": "#66B5E8", "Reported": "#4CC3A0", "Invented": "#F39A52"}  # words on a page
