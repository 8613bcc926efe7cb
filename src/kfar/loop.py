"""The loop: hear, know, decide, act, keep. The only page that joins rooms."""
