"""Documents that come in over Peppol: kept, read, shown; never booked by themselves."""
