"""What a report says, one file a subject: each builds sections from the report's data."""
