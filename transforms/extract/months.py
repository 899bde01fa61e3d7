"""The names of months as datelines write them, in the languages of the feeds and of those who quote them."""

_NAMES = (
    "jan january ene enero janv janvier janeiro januar jän jänner gennaio",
    "feb february febrero févr février fev fevereiro februar febbraio",
    "mar march marzo mars março märz mär",
    "apr april abr abril avr avril aprile",
    "may mayo mai maio maggio",
    "jun june junio juin junho juni giugno",
    "jul july julio juil juillet julho juli luglio",
    "aug august ago agosto août",
    "sep sept september septiembre setiembre septembre set setembro settembre",
    "oct october octubre octobre out outubro okt oktober ottobre",
    "nov november noviembre novembre novembro",
    "dec december dic diciembre déc décembre dez dezembro dezember dicembre",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
"""Month names and abbreviations, in lower case and without a stop, to 1..12."""
