"""One case of a study, its mode, minutes and group: the figures and the map that the page, the sheet and the document share."""
