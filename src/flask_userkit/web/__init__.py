"""What every HTML skin shares."""
