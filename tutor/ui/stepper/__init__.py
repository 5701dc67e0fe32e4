"""What the page that steps is made of: the walk through a run, and the panes that show it."""
