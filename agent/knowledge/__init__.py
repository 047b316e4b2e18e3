"""Knowledge of a track: leaderboard, standings, effects of parts, ideas, surveys."""
