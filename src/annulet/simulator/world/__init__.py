"""The people of the simulated cloud: who they are, what happened to them, what Oura would say."""
