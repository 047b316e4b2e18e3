"""How an optimizer is measured: benchmark tracks and the isolated evaluation of a submission."""
