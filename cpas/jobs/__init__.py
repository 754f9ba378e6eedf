"""One file for each thing a user asks for; holds no rule of its own."""
