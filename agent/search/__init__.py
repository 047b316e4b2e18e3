"""The search: proposals become trials, rung by rung, until the budget is finished."""
