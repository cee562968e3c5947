"""Our authorization server for assistants: OAuth 2.1, API keys, consent per client.

It says what an assistant may ask of us. It never hands out, accepts or forwards tokens of Oura.
"""
