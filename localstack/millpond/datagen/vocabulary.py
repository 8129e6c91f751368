"""The words that the shop is made of."""

from __future__ import annotations

# Repeated by how often they occur. The spelling is the one that the Online Retail data set has.
COUNTRIES = (
    *("United Kingdom",) * 82,
    *("Germany",) * 4,
    *("France",) * 4,
    *("EIRE",) * 3,
    *("Spain", "Netherlands", "Belgium", "Switzerland", "Portugal", "Australia", "Norway"),
)

SEGMENTS = ("consumer", "consumer", "consumer", "business", "wholesale")

FIRST_NAMES = (
    *("Ada", "Alan", "Amélie", "Anders", "Barbara", "Blaise", "Carl", "Dorothy", "Edsger", "Emmy", "Erna"),
    *("Frances", "Grace", "Hedy", "Ingrid", "Jean", "John", "Joan", "Karen", "Katherine", "Kurt", "Lise"),
    *("Margaret", "Maria", "Mary", "Niels", "Noether", "Radia", "René", "Rosalind", "Sophie", "Tony"),
)

LAST_NAMES = (
    *("Archer", "Baker", "Bauer", "Carpenter", "Cooper", "Dubois", "Fischer", "Fletcher", "García", "Hansen"),
    *("Hunter", "Jansen", "Keller", "Lefèvre", "Mason", "Miller", "Müller", "Murphy", "O'Brien", "Peeters"),
    *("Potter", "Santos", "Sawyer", "Schmidt", "Silva", "Smith", "Taylor", "Thatcher", "Turner", "Weaver"),
)

MATERIALS = (
    "RED RETROSPOT",
    "WHITE METAL",
    "VINTAGE",
    "WOODEN",
    "GLASS",
    "IVORY",
    "PINK POLKADOT",
    "CHALKBOARD",
)

# Category and prices in cents from … to of each thing that is sold.
THINGS = (
    ("CAKE STAND", "kitchen", 495, 1695),
    ("MUG", "kitchen", 95, 425),
    ("BAKING TIN, LARGE", "kitchen", 295, 795),
    ("LUNCH BOX", "kitchen", 165, 395),
    ("LANTERN", "home", 125, 675),
    ("PICTURE FRAME", "home", 145, 895),
    ("T-LIGHT HOLDER", "home", 55, 295),
    ("ALARM CLOCK", "home", 375, 995),
    ('HOOK 4" BRASS', "home", 85, 245),
    ("NOTEBOOK", "stationery", 65, 285),
    ("GIFT WRAP", "stationery", 42, 125),
    ("BIRTHDAY CARD", "stationery", 19, 165),
    ("TOY SOLDIER", "toys", 85, 375),
    ("DOLL HOUSE", "toys", 1295, 3995),
    ("BUNTING", "garden", 295, 895),
    ("WATERING CAN", "garden", 395, 1295),
)

# What warehouse clerks write where a description belongs.
CLERKS_NOTES = ("damaged", "?", "thrown away", "check", "lost", "wrongly marked")

PAGES = ("/", "/search", "/offers", "/basket", "/help/delivery")
