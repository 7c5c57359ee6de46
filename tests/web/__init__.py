"""What every page of the kit shares, seen over HTTP."""
