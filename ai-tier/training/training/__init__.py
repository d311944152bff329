"""How the adapter of the small model is made: questions with their plans, a recipe, a check.

Everything that is written follows from the catalog of the product and from ``lexicon/``, which says
how people call things. Nothing here is run by the product, and nothing here reads its evaluation.
"""
