-- Applications in their own name that gain reach by a reorganisation of agencies, as it was confirmed (docs/console.md):
-- one that was given its reach or its scopes since nobody has looked at.
CREATE TABLE reorganisation_application (
    reorganisation_id TEXT NOT NULL REFERENCES reorganisation (id),
    client_id         TEXT NOT NULL REFERENCES client (id),
    -- What it could do then and how far it reached: `accounts.read scim.read; agency so-khcn`.
    rights            TEXT NOT NULL,
    PRIMARY KEY (reorganisation_id, client_id)
);
