"""The benchmark tracks. Every module here has a tuple `TRACKS`; copy one to add a track."""
