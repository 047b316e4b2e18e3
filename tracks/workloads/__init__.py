"""Small tasks of different kinds, on which `autoresearch transfer` tries an optimizer unchanged."""
