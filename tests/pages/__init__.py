"""Sign-up, sign-in, sign-out, the mailbox and the assets, seen over HTTP."""
