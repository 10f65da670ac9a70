"""``python -m tests.oracle`` prints what the oracle finds in the shipped data."""

from tests.oracle.conventions import lines

for line in lines():
    print(line)
