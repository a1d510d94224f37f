"""Digipoort: signed here with the taxpayer's own certificate."""
