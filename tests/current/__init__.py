"""Who the request is, as an app's views and templates see it."""
