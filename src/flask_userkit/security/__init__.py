"""Pure functions: no Flask, no SQL, no clock of their own."""
