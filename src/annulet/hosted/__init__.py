"""The hosted service: accounts, MCP endpoints, connections with Oura, OAuth for assistants, pages.

Health data passes through memory to the person or assistant that asks, and is never stored.

Rooms; each says in its docstring which tables, routes and neighbours it has:

- `accounts`: people, passwords, signed-in browsers, one-time links
- `registrations`: who may connect a ring, the queue, and what each stage allows
- `connections`: authorization at Oura, sealed grants, one private context for each person
- `endpoints`: one address for each assistant
- `authorization`: OAuth for assistants, API keys, bearers
- `audit`: who did what, without values
- `webhooks`: events of Oura and the subscriptions behind them
- `passkeys`, `company_sign_in`: the ways in besides a password
- `jobs`, `mail`: work after the answer; what people are told by mail
- `dashboard`, `admin`: the pages
- `program_routes`: OAuth and webhook routes, which programs use
- `database`, `migrations`: tables, engine, format, upgrades
- `web`: middleware and cookies

`service` builds them, `app` puts them behind addresses, `gateway` lets assistants in, `lifespan`
and `housekeeping` run beside the requests.
"""
