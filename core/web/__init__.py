"""Pages, forms and the REST API."""
