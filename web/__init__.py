"""Everything that speaks HTTP: the page, the JSON API, the security headers."""
