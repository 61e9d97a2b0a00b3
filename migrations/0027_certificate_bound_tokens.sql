-- The thumbprint of the client certificate to which a token is bound (RFC 8705 §3); NULL: to none.
ALTER TABLE token ADD COLUMN x5t TEXT;
ALTER TABLE client_token ADD COLUMN x5t TEXT;
