"""The data API: lists, single documents and time series of all collections, and the sandbox.

Routes: ``/v2/usercollection`` and ``/v2/sandbox/usercollection``. Access tokens are checked with
the authorization server of ``simulator.oauth``; documents come from the people of
``simulator.world``.
"""
