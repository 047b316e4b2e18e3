"""What is known on a track: leaderboard, standings, effects of parts, ideas, surveys."""
