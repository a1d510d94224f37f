"""What the dispatcher looks after: deadlines, certificates, taxonomies."""
