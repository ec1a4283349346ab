"""From what a source wrote to what it counts as, each label with the rule that said so."""
