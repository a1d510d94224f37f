"""Behind the REST API and the webhooks that we send."""
