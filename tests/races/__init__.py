"""Several processes at once, each race also on a build that lacks the statement that guards it."""
