"""The demonstrations: one module a place, each from readings that come with the package to a page."""
