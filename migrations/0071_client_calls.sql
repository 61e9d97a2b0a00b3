-- On which days an application called the house in its own name, at the administrators' interface or by SCIM: so that
-- nobody who stops one takes it for unused because no person enters it. Written with the first call of a day.
CREATE TABLE client_call (
    client_id TEXT NOT NULL REFERENCES client (id),
    -- The Julian day number.
    day       BIGINT NOT NULL,
    PRIMARY KEY (client_id, day)
);
