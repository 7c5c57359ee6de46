"""The Python API: one file per capability, without Flask.

A service takes the SQLAlchemy session first, flushes and never commits. What has to be counted
even if the request fails runs on a side connection before the transaction begins.
"""
