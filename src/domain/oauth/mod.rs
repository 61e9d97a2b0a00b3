//! The objects of OAuth 2.1 and OpenID Connect: clients, requests, grants, tokens, keys; and the flow's next step.
