"""Other ways in than the letter: open links, shared screens, and answers that staff enter for others."""
