"""The simulated people: a model of each, what is true about them, and Oura's documents of them.

``Person`` is the entry: ``truth`` for tests, ``documents`` and ``rows`` for the data API. Nothing
here knows HTTP; times come from the clock that is passed in.
"""
