"""How much one person may ask at once, and how much all of them may ask of Oura together.

Tables: ``budgets``. Routes: none; the gateway admits a question here before it is answered, and
every request to Oura's data passes `oura_gate`. Neighbours: ``gateway`` above,
``connections.contexts`` beside, ``database`` below.
"""
