"""Nodes that give each other what their sharing rules allow, and check each other's logs."""
