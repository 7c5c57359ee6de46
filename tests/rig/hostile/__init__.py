"""The parts of the hostile OpenID provider, by what they are about."""
