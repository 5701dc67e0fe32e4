"""The child process that runs torch; nothing else in the project imports it."""
