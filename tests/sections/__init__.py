"""The sections of the account page, seen over HTTP."""
