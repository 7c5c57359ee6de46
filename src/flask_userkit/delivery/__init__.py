"""What leaves the app: a Protocol per channel, the real thing and the development mailbox."""
