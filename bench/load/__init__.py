"""What loads the site: readers, and those who keep it busy or hold its connections."""
