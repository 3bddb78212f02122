"""Tasks, and networks that learn them: any cell, and its gradient before, during and after."""
