"""Connections with Oura: sealed grants, the consent flow, one private context per person."""
