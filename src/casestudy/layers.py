"""The four layers and their colours."""

LAYERS = {  # safe for colour-blind readers, and told apart by lightness too; see Okabe and Ito (2008)
    "Printed": "#1F2937",
    "Implied": "#0072B2",
    "Reported": "#008060",
    "Invented": "#D55E00",
}
