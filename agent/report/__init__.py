"""What people read: the live view, terminal tables, Markdown."""
