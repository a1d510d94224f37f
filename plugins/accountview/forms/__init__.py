"""The forms of the plugin's pages."""
