"""Several rows made one: banks, products, chapters, cases. The one that stays gets what the others have, their names as
aliases and their addresses for good; imports take what they knew of the others for the one that stays
(`importing.database.names.Merged`), and bring none of them back.
"""

from catalog.merging.cases import Difference, differences, merge_cases, products_left
from catalog.merging.rows import MergeProblem, Plan, merge, plan

__all__ = ["Difference", "MergeProblem", "Plan", "differences", "merge", "merge_cases", "plan", "products_left"]
