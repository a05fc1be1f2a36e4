"""From files and pages to an index."""
