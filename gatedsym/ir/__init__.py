"""The Program that equations become, the functions in it, and its evaluation: what every later room speaks of."""
