"""What the tests are driven by: databases, servers, browsers, races, mail and caches, all real."""
