"""The shared words of the house: frozen types, closed vocabularies, reference tables. Imports nothing of ours."""
