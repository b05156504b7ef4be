"""What becomes known of searches: the slow ones to operators, with their plan; what is searched and not found to
editors, by day and without persons.
"""
