"""A slow oracle: the Chinese air standards worked from their clauses, sharing nothing with the product.

It imports nothing from ``commonshed`` and no array library: Python integers, ``Fraction``, lists and dictionaries, and
pyarrow only to open the Parquet file. Its constants are typed a second time from the texts; where a text is silent the
convention taken is said in ``law``. If the product and the oracle disagree, one of them misreads a clause.
"""
