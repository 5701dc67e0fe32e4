"""What was stepped through, and the way through it: pure, knowing neither torch nor the screen."""
