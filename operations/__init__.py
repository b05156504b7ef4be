"""What operators of the site see and do: is it well, what went wrong, saved and brought back, closed for a while."""
